package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.STREAM_BROKEN;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.Wait;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The limit of waits while no candidate can be asked. */
class MaxWaitPolicyTest {

    private static Chain chain(Duration maxWait, String... targets) {
        return TestChains.chain(new TestLimits().maxWait(maxWait).build(), targets);
    }

    private static Walk along(String... targets) {
        return Walk.along(chain(Duration.ofSeconds(10), targets));
    }

    @Test
    void who_is_back_in_time_is_waited_for() {
        along("a").open("a", 10_000).start().leadsTo("a +10000 queued");
        along("a").cooling("a", 10_000).start().leadsTo("a +10000 queued");
    }

    @Test
    void an_error_comes_at_once_if_nobody_is_back_in_time() {
        along("a").open("a", 10_001).start().leadsTo("EXHAUSTED 10001");
        along("a", "b").open("a", 70_000).cooling("b", 60_000).start().leadsTo("EXHAUSTED 60000");
    }

    @Test
    void the_first_to_be_back_decides() {
        along("a", "b").open("a", 70_000).cooling("b", 6_000).start().leadsTo("b +6000 queued");
    }

    @Test
    void a_long_rate_limit_of_the_only_target_is_not_waited_out() {
        Walk.along("a").fails(RATE_LIMITED, Duration.ofSeconds(31)).leadsTo("EXHAUSTED");
        Walk.along("a").fails(RATE_LIMITED, Duration.ofSeconds(30)).leadsTo("a +30000 queued");
    }

    @Test
    void the_waits_of_a_request_count_together() {
        along("a", "b")
                .open("a", 6_000)
                .open("b", 11_000)
                .start()
                .leadsTo("a +6000 queued")
                .fails(TIMEOUT)
                .leadsTo("EXHAUSTED 11000");
        along("a", "b")
                .open("a", 6_000)
                .open("b", 10_000)
                .start()
                .leadsTo("a +6000 queued")
                .fails(TIMEOUT)
                .leadsTo("b +4000 queued");
    }

    @Test
    void the_time_of_calls_does_not_count() {
        along("a", "b")
                .open("a", 6_000)
                .open("b", 25_000)
                .start()
                .leadsTo("a +6000 queued")
                .fails(new FailedAttempt(Failure.of(TIMEOUT, "silent"), 16_000, false, false))
                .leadsTo("b +3000 queued");
    }

    @Test
    void a_wait_that_goes_on_because_the_target_is_not_back_counts_from_its_start() {
        Walk walk = along("a").open("a", 6_000).start();

        walk.open("a", 12_000).resumes(6_000).leadsTo("EXHAUSTED 12000");
    }

    @Test
    void trial_calls_of_others_are_polled_no_longer() {
        Walk walk = Walk.along(chain(Duration.ofMillis(250), "a")).start();

        walk.rejected()
                .leadsTo("a +100 queued")
                .rejected()
                .leadsTo("a +100 queued")
                .rejected()
                .leadsTo("EXHAUSTED");
    }

    @Test
    void without_any_wait_the_error_comes_at_once() {
        Walk.along(chain(Duration.ZERO, "a")).open("a", 1).start().leadsTo("EXHAUSTED 1");
        Walk.along(chain(Duration.ZERO, "a")).rejected().leadsTo("EXHAUSTED");
    }

    @Test
    void without_any_wait_the_same_target_is_still_asked_again() {
        Walk.along(chain(Duration.ZERO, "a")).fails(RATE_LIMITED).leadsTo("a +500");
        Walk.along(chain(Duration.ZERO, "a", "b"))
                .fails(STREAM_BROKEN)
                .leadsTo("b")
                .fails(TIMEOUT)
                .leadsTo("a queued");
    }

    @Test
    void the_deadline_holds_too() {
        along("a").at(Walk.DEADLINE - 5_000).cooling("a", Walk.DEADLINE).start().leadsTo("EXHAUSTED 600000");
    }

    @Test
    void a_wait_for_a_better_target_has_its_own_limit() {
        Target best = TestChains.target("best", TestChains.provider("of-best", "secret"), 1.0, null);
        Target good = TestChains.target("good", TestChains.provider("of-good", "secret"), 0.8, null);
        Chain graded = TestChains.chain(
                new TestLimits()
                        .maxWait(Duration.ZERO)
                        .waitForQuality(Duration.ofSeconds(5))
                        .build(),
                best,
                good);

        Walk.along(graded).cooling("best", 4_000).start().leadsTo("best +4000 better");
    }

    @Test
    void who_has_waited_in_vain_is_told_of_the_earliest_return() {
        FallbackPolicy policy = new FallbackPolicy(
                (target, now) -> new Availability.Unavailable("CIRCUIT_OPEN", FailureClass.CIRCUIT_OPEN, 40_000),
                () -> 1.0);
        Plan plan = TestChains.plan(chain(Duration.ofSeconds(10), "a"), Walk.DEADLINE);

        assertThat(policy.endOfWait(plan, Cause.EXHAUSTED, 10_000)).isEqualTo(new GiveUp(Cause.EXHAUSTED, 40_000L));
    }

    @Test
    void who_finds_no_place_to_wait_is_told_of_the_earliest_return() {
        Plan plan = TestChains.plan(chain(Duration.ofSeconds(10), "a", "b"), Walk.DEADLINE);
        Ask wait = new Ask(plan.candidates().getFirst(), 8_000, Wait.NO_OTHER_TARGET);
        FallbackPolicy known = new FallbackPolicy(
                (target, now) -> new Availability.Unavailable("COOLING", RATE_LIMITED, 300_000, 4_000), () -> 1.0);
        FallbackPolicy unknown = new FallbackPolicy((target, now) -> null, () -> 1.0);

        assertThat(known.turnAway(plan, wait, 1_000)).isEqualTo(new GiveUp(Cause.EXHAUSTED, 4_000L));
        assertThat(unknown.turnAway(plan, wait, 1_000)).isEqualTo(new GiveUp(Cause.EXHAUSTED, 9_000L));
    }
}
