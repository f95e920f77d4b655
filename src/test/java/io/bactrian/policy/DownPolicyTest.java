package io.bactrian.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Targets that are down: others come first, and none is left out for good. */
final class DownPolicyTest {
    private static final Failure GONE = Failure.of(FailureClass.TIMEOUT, "silent");

    private final Set<String> down = new HashSet<>();
    private final FallbackPolicy policy = new FallbackPolicy(
            new Availability() {
                @Override
                public @Nullable Unavailable of(Target target, long now) {
                    return null;
                }

                @Override
                public boolean isDown(Target target) {
                    return down.contains(target.name());
                }
            },
            () -> 1.0);

    @Test
    void one_that_is_down_is_passed_over_while_another_is_up() {
        Plan plan = plan("a", "b", "c");
        down.add("a");

        assertThat(asked(policy.first(plan, 0))).isEqualTo("b");
        assertThat(plan.candidates().get(0).skipped()).isEqualTo("DOWN");
        assertThat(plan.candidates().get(2).skipped()).isNull();
    }

    @Test
    void it_is_asked_at_once_when_all_others_have_failed() {
        Plan plan = plan("a", "b");
        down.add("a");
        Decision first = policy.first(plan, 0);

        Decision next = fail(plan, first);

        assertThat(asked(next)).isEqualTo("a");
        assertThat(((Ask) next).waitMillis()).isZero();
    }

    @Test
    void if_all_are_down_all_are_tried_in_their_order() {
        Plan plan = plan("a", "b");
        down.addAll(List.of("a", "b"));
        Decision first = policy.first(plan, 0);
        assertThat(asked(first)).isEqualTo("a");

        assertThat(asked(fail(plan, first))).isEqualTo("b");
    }

    @Test
    void one_that_falls_during_the_request_is_asked_last() {
        Plan plan = plan("a", "b", "c");
        Decision first = policy.first(plan, 0);
        down.add("b");

        Decision second = fail(plan, first);
        assertThat(asked(second)).isEqualTo("c");
        assertThat(asked(fail(plan, second))).isEqualTo("b");
    }

    @Test
    void a_request_that_waits_for_another_is_not_sent_to_it() {
        Plan plan = plan("a", "b");
        down.add("a");
        policy.first(plan, 1);

        assertThat(policy.returned(plan, 2)).isNull();
        down.clear();
        assertThat(policy.returned(plan, 2)).isSameAs(plan.candidates().getFirst());
    }

    @Test
    void a_race_is_run_without_it() {
        Chain chain = TestChains.chain(TestLimits.defaults(), "a", "b", "c");
        Chain race = chain.arranged(List.of(new Chain.Group(
                Chain.Kind.RACE,
                chain.candidates().stream()
                        .map(entry -> new Chain.Member(entry, 1))
                        .toList())));
        down.add("b");

        Decision decision = policy.first(TestChains.plan(race, 600_000), 0);

        assertThat(((AskGroup) decision)
                        .candidates().stream().map(c -> c.target().name()).toList())
                .containsExactly("a", "c");
    }

    private static Plan plan(String... names) {
        return TestChains.plan(TestChains.chain(TestLimits.defaults(), names), 600_000);
    }

    private Decision fail(Plan plan, Decision decision) {
        Candidate candidate = ((Ask) decision).candidate();
        plan.call(candidate);
        return policy.after(plan, candidate, new FailedAttempt(GONE, 10, false, false), 10);
    }

    private static String asked(Decision decision) {
        return ((Ask) decision).candidate().target().name();
    }
}
