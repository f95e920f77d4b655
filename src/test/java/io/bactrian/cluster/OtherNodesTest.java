package io.bactrian.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.cluster.SharedTarget.Breaker;
import io.bactrian.policy.FailureClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class OtherNodesTest {
    private static final int MOMENT = 100;
    private static final String A = "aaaaaaaaaaaaaaaa";
    private static final String B = "bbbbbbbbbbbbbbbb";

    private final OtherNodes nodes = new OtherNodes("0000000000000000", MOMENT);
    private long sequence;
    private boolean failedHere;

    @Test
    void a_breaker_that_another_node_has_opened_is_kept_open_a_moment_longer() {
        assertThat(tell(A, 0, open(60_000))).containsExactly(hold(A, 60_000));
    }

    @Test
    void own_and_older_reports_and_those_without_news_change_nothing() {
        assertThat(tell("0000000000000000", 0, open(60_000))).isEmpty();
        tell(A, 0, open(60_000));
        assertThat(tell(A, 50, open(60_050))).isEmpty();
        assertThat(nodes.apply(report(A, 1, false, closed()), 100, name -> false))
                .isEmpty();
    }

    @Test
    void a_breaker_that_closes_elsewhere_is_released() {
        tell(A, 0, open(60_000));

        assertThat(tell(A, 1_000, closed())).containsExactly(new Effect.Release("p/m", "e"));
        assertThat(tell(A, 2_000, closed())).isEmpty();
    }

    @Test
    void a_complete_report_releases_what_it_does_not_name() {
        tell(A, 0, open(60_000));

        assertThat(nodes.apply(report(A, ++sequence, true), 1_000, name -> false))
                .containsExactly(new Effect.Release("p/m", "e"));
    }

    @Test
    void the_trial_of_another_node_is_waited_for_and_then_this_node_makes_its_own() {
        tell(A, 0, open(60_000));

        assertThat(tell(A, 60_010, halfOpen(null))).containsExactly(hold(A, 60_010 + OtherNodes.TRIAL_MILLIS));
        assertThat(tell(A, 61_000, open(181_000))).containsExactly(hold(A, 61_000));
        assertThat(tell(A, 120_000, open(181_000))).isEmpty();
        assertThat(tell(A, 182_000, halfOpen(null))).containsExactly(hold(A, 61_000));
    }

    @Test
    void a_node_whose_own_calls_have_failed_follows_the_longer_time_of_another() {
        tell(A, 0, open(60_000));
        tell(A, 60_010, halfOpen(null));
        failedHere = true;

        assertThat(tell(A, 61_000, open(181_000))).containsExactly(hold(A, 181_000));
    }

    @Test
    void what_two_nodes_have_found_is_believed_for_as_long_as_they_say_so() {
        tell(A, 0, open(60_000));
        tell(A, 60_010, halfOpen(null));
        tell(A, 61_000, open(181_000));

        assertThat(tell(B, 61_100, halfOpen("a"))).containsExactly(hold(A, 181_000));
        assertThat(tell(B, 61_200, open(190_000))).containsExactly(hold(B, 190_000));
    }

    @Test
    void a_breaker_that_is_only_held_open_for_another_node_is_no_second_voice() {
        assertThat(tell(B, 0, open(60_000, "a"))).isEmpty();
        tell(A, 0, open(60_000));
        tell(A, 60_010, halfOpen(null));

        assertThat(tell(A, 61_000, open(181_000))).containsExactly(hold(A, 61_000));
    }

    @Test
    void a_node_that_is_cut_off_alone_is_not_believed_after_a_call_of_this_node() {
        tell(A, 0, open(60_000));
        nodes.reachedHere("p/m");

        assertThat(tell(A, 60_010, halfOpen(null))).isEmpty();
        assertThat(tell(A, 61_000, open(181_000))).isEmpty();
        tell(A, 200_000, closed());
        assertThat(tell(A, 250_000, open(310_000))).containsExactly(hold(A, 310_000));
    }

    @Test
    void a_node_that_has_reached_the_target_speaks_against_the_others() {
        tell(A, 0, open(60_000));
        tell(B, 0, open(60_000));
        tell(B, 60_000, closed());

        assertThat(tell(A, 61_000, open(181_000))).isEmpty();
    }

    @Test
    void what_has_ended_is_not_kept_open() {
        assertThat(tell(A, 1_000, open(1_000))).isEmpty();
    }

    @Test
    void a_cooldown_holds_once_and_ends_early_if_it_ends_there() {
        SharedTarget cooling =
                new SharedTarget("p/m", "e", Breaker.CLOSED, 0, null, false, FailureClass.RATE_LIMITED, 30_000);

        assertThat(tell(A, 0, cooling))
                .containsExactly(new Effect.Cool("p/m", "e", "a", FailureClass.RATE_LIMITED, 30_000));
        assertThat(tell(A, 100, cooling)).isEmpty();
        assertThat(tell(A, 200, closed())).containsExactly(new Effect.Warm("p/m", "e", "a"));
    }

    @Test
    void a_node_of_which_nothing_is_heard_is_gone() {
        tell(A, 0, closed());
        tell(B, 50_000, closed());

        assertThat(nodes.heard(OtherNodes.GONE_MILLIS))
                .extracting(OtherNodes.Heard::node)
                .containsExactly("a", "b");
        assertThat(nodes.heard(OtherNodes.GONE_MILLIS + 1))
                .extracting(OtherNodes.Heard::node)
                .containsExactly("b");
    }

    @Test
    void the_number_of_nodes_is_limited() {
        for (int i = 1; i < 1_000; i++) {
            tell("%016x".formatted(i), 0, open(60_000));
        }

        assertThat(nodes.heard(0)).hasSize(200);
    }

    private List<Effect> tell(String boot, long now, SharedTarget target) {
        return nodes.apply(report(boot, ++sequence, false, target), now, name -> failedHere);
    }

    private static NodeReport report(String boot, long sequence, boolean complete, SharedTarget... targets) {
        return new NodeReport(boot.substring(0, 1), boot, sequence, complete, List.of(targets));
    }

    private static Effect hold(String boot, long until) {
        return new Effect.Hold("p/m", "e", boot.substring(0, 1), until + MOMENT, false);
    }

    private static SharedTarget open(long until) {
        return open(until, null);
    }

    private static SharedTarget open(long until, String by) {
        return new SharedTarget("p/m", "e", Breaker.OPEN, until, by, false, null, 0);
    }

    private static SharedTarget halfOpen(String by) {
        return new SharedTarget("p/m", "e", Breaker.HALF_OPEN, 0, by, false, null, 0);
    }

    private static SharedTarget closed() {
        return new SharedTarget("p/m", "e", Breaker.CLOSED, 0, null, false, null, 0);
    }
}
