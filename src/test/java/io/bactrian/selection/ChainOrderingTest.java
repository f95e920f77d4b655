package io.bactrian.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Group;
import io.bactrian.config.Chain.Kind;
import io.bactrian.config.Chain.Member;
import io.bactrian.config.Chain.Order;
import io.bactrian.config.Chain.Step;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ChainOrderingTest {
    private static final Limits LIMITS = TestLimits.defaults();

    private final VirtualClock clock = new VirtualClock();
    private final TargetLatencies latencies = new TargetLatencies(clock);
    private final Set<String> down = new HashSet<>();
    private final ChainOrdering chainOrdering = new ChainOrdering(
            latencies,
            (target, now) -> down.contains(target.name())
                    ? new Availability.Unavailable("COOLING", FailureClass.RATE_LIMITED, now + 1_000)
                    : null);

    private static Entry step(String name) {
        return new Entry(TestChains.target(name), LIMITS);
    }

    private static Entry priced(String name, Double input, Double output) {
        Target free = TestChains.target(name);
        Target target = new Target(
                name,
                free.provider(),
                free.model(),
                free.body(),
                free.maxTokens(),
                free.thinks(),
                free.quality(),
                null,
                null,
                free.supports(),
                input,
                output);
        return new Entry(target, LIMITS);
    }

    private static Group group(Entry... members) {
        return new Group(
                Kind.RACE, Arrays.stream(members).map(m -> new Member(m, 1)).toList());
    }

    private static Chain chain(Order order, Step... steps) {
        return new Chain("c", List.of(steps), List.of(), order, LIMITS);
    }

    private String sorted(Chain chain) {
        return sorted(chain, true);
    }

    private String sorted(Chain chain, boolean stream) {
        return names(chainOrdering.sort(chain, c -> stream, c -> true, clock.millis()));
    }

    private static String names(Chain chain) {
        return String.join(
                " ", chain.candidates().stream().map(c -> c.target().name()).toList());
    }

    private void took(String target, long... millis) {
        Arrays.stream(millis).forEach(m -> latencies.firstToken(TestChains.target(target), true, m));
    }

    @Test
    void written_order_stays_as_it_is() {
        Chain chain = chain(Order.WRITTEN, step("a"), step("b"));
        took("a", 900, 900, 900);
        took("b", 1, 1, 1);

        assertThat(chainOrdering.sort(chain, c -> true, c -> true, 0)).isSameAs(chain);
    }

    @Test
    void what_is_in_order_is_not_copied() {
        for (Order order : Order.values()) {
            Chain chain = chain(order, priced("a", 1.0, 1.0), priced("b", 2.0, 2.0));
            took("a", 100, 100, 100);
            took("b", 100, 100, 100);

            assertThat(chainOrdering.sort(chain, c -> true, c -> true, 0)).isSameAs(chain);
        }
    }

    @Test
    void sorted_chain_is_otherwise_the_same() {
        Chain chain = new Chain(
                "c",
                List.of(priced("a", 2.0, 2.0), priced("b", 1.0, 1.0)),
                List.of(new Chain.LastResort.Stale(false)),
                Order.CHEAPEST,
                LIMITS);

        Chain sorted = chainOrdering.sort(chain, c -> true, c -> true, 0);

        assertThat(sorted)
                .isEqualTo(
                        new Chain("c", chain.steps().reversed(), chain.lastResorts(), Order.CHEAPEST, chain.limits()));
    }

    @Nested
    class Cheapest {
        @Test
        void input_counts_three_times_output() {
            assertThat(sorted(chain(Order.CHEAPEST, priced("a", 2.0, 1.0), priced("b", 1.0, 3.9))))
                    .isEqualTo("b a");
            assertThat(sorted(chain(Order.CHEAPEST, priced("a", 2.0, 1.0), priced("b", 1.0, 4.1))))
                    .isEqualTo("a b");
        }

        @Test
        void unknown_price_comes_last_and_equal_ones_stay_as_written() {
            assertThat(sorted(chain(
                            Order.CHEAPEST,
                            priced("none", null, null),
                            priced("half", 0.1, null),
                            priced("x", 1.0, 1.0),
                            priced("y", 1.0, 1.0),
                            priced("free", 0.0, 0.0))))
                    .isEqualTo("free x y none half");
        }

        @Test
        void group_stands_where_the_cheapest_of_its_members_would() {
            assertThat(sorted(chain(
                            Order.CHEAPEST,
                            priced("a", 2.0, 2.0),
                            group(priced("b", 9.0, 9.0), priced("c", 1.0, 1.0)),
                            priced("d", 1.5, 1.5))))
                    .isEqualTo("b c d a");
        }
    }

    @Nested
    class LeastBusy {
        private final Chain chain = chain(Order.LEAST_BUSY, step("a"), step("b"), step("c"));

        private void busy(String target, int calls) {
            IntStream.range(0, calls).forEach(i -> latencies.callStarted(TestChains.target(target)));
        }

        @Test
        void order_written_holds_while_nobody_is_clearly_less_busy() {
            assertThat(sorted(chain)).isEqualTo("a b c");
            busy("a", 1);
            assertThat(sorted(chain)).isEqualTo("a b c");
            busy("a", 1);
            assertThat(sorted(chain)).isEqualTo("b c a");
        }

        @Test
        void among_many_calls_two_make_no_difference() {
            busy("a", 100);
            busy("b", 90);
            busy("c", 95);
            assertThat(sorted(chain)).isEqualTo("a b c");

            IntStream.range(0, 10).forEach(i -> latencies.callEnded(TestChains.target("b")));
            assertThat(sorted(chain)).isEqualTo("b a c");
        }

        @Test
        void group_stands_where_the_least_busy_of_its_members_would() {
            busy("a", 3);
            busy("b", 5);

            assertThat(sorted(chain(Order.LEAST_BUSY, step("a"), group(step("b"), step("c")))))
                    .isEqualTo("b c a");
        }
    }

    @Nested
    class Fastest {
        private final Chain chain = chain(Order.FASTEST, step("a"), step("b"), step("c"));

        private void known(long a, long b, long c) {
            took("a", a, a, a);
            took("b", b, b, b);
            took("c", c, c, c);
        }

        @Test
        void quickest_comes_first() {
            known(500, 100, 300);

            assertThat(sorted(chain)).isEqualTo("b c a");
        }

        @Test
        void what_is_not_clearly_quicker_stays_behind_in_either_order() {
            known(100, 81, 100);
            assertThat(sorted(chain)).isEqualTo("a b c");

            took("b", 60, 60, 60, 60);
            assertThat(sorted(chain)).isEqualTo("b a c");
            took("b", 110, 110, 110, 110, 110, 110, 110, 110, 110);
            assertThat(sorted(chain)).isEqualTo("b a c");

            took("b", 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300, 300);
            assertThat(sorted(chain)).isEqualTo("a c b");
        }

        @Test
        void each_unknown_target_is_asked_first_by_one_request_at_a_time() {
            assertThat(IntStream.range(0, 5).mapToObj(i -> sorted(chain)))
                    .containsExactly("a b c", "b a c", "c a b", "a b c", "a b c");
        }

        @Test
        void unknown_target_comes_behind_the_known_ones_for_everybody_else() {
            took("b", 300, 300, 300);
            took("c", 100, 100, 100);

            assertThat(IntStream.range(0, 3).mapToObj(i -> sorted(chain))).containsExactly("a c b", "c b a", "c b a");
        }

        @Test
        void next_request_learns_once_there_is_a_sample_until_there_are_enough() {
            took("b", 100, 100, 100);
            took("c", 100, 100, 100);

            assertThat(sorted(chain)).isEqualTo("a b c");
            assertThat(sorted(chain)).isEqualTo("b c a");
            took("a", 500);
            assertThat(sorted(chain)).isEqualTo("a b c");
            took("a", 500, 500);
            assertThat(sorted(chain)).isEqualTo("b c a");
        }

        @Test
        void claim_to_learn_expires() {
            took("b", 100, 100, 100);
            took("c", 100, 100, 100);
            sorted(chain);

            clock.pass(Duration.ofSeconds(10).minusMillis(1));
            assertThat(sorted(chain)).isEqualTo("b c a");
            clock.pass(Duration.ofMillis(1));
            assertThat(sorted(chain)).isEqualTo("a b c");
        }

        @Test
        void nobody_learns_where_nothing_can_be_learned() {
            took("b", 100, 100, 100);
            down.add("a");
            assertThat(sorted(chain)).isEqualTo("c b a");
            assertThat(names(chainOrdering.sort(
                            chain(Order.FASTEST, step("d"), step("b")),
                            c -> true,
                            c -> !c.target().name().equals("d"),
                            clock.millis())))
                    .isEqualTo("b d");

            down.clear();
            assertThat(sorted(chain)).isEqualTo("a b c");
        }

        @Test
        void learning_does_not_change_the_order_that_ties_are_broken_by() {
            took("b", 100, 100, 100);
            took("c", 100, 100, 100);
            sorted(chain);
            assertThat(sorted(chain)).isEqualTo("b c a");

            took("a", 110, 110, 110);
            assertThat(sorted(chain)).isEqualTo("a b c");
        }

        @Test
        void streams_and_documents_have_orders_of_their_own() {
            known(500, 100, 500);
            IntStream.range(0, 3).forEach(i -> {
                latencies.firstToken(TestChains.target("a"), false, 500);
                latencies.firstToken(TestChains.target("b"), false, 500);
                latencies.firstToken(TestChains.target("c"), false, 100);
            });

            assertThat(sorted(chain, true)).isEqualTo("b a c");
            assertThat(sorted(chain, false)).isEqualTo("c a b");
            assertThat(sorted(chain, true)).isEqualTo("b a c");
        }

        @Test
        void group_stands_where_the_quickest_of_its_members_would() {
            known(200, 300, 100);

            assertThat(sorted(chain(Order.FASTEST, step("a"), group(step("b"), step("c")))))
                    .isEqualTo("b c a");
        }

        @Test
        void chain_read_anew_is_sorted_by_what_is_known_of_its_targets() {
            known(500, 100, 300);
            sorted(chain);

            assertThat(sorted(chain(Order.FASTEST, step("c"), step("a"), step("b"))))
                    .isEqualTo("b c a");
        }

        @Test
        void quarter_of_an_hour_later_a_target_nobody_asked_is_learned_anew() {
            known(500, 100, 300);
            sorted(chain);
            clock.pass(Duration.ofMinutes(10));
            took("b", 100, 100, 100);
            clock.pass(Duration.ofMinutes(6));

            assertThat(IntStream.range(0, 3).mapToObj(i -> sorted(chain))).containsExactly("c b a", "a b c", "b c a");
        }
    }
}
