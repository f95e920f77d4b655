package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.MODEL_UNAVAILABLE;
import static io.bactrian.policy.FailureClass.QUOTA_EXHAUSTED;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static io.bactrian.policy.FailureClass.STREAM_BROKEN;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.config.Chain;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trial calls to targets whose cooldown lasts until somebody mends something. */
class TrialPolicyTest {
    private static final long REST = 300_000;

    @ParameterizedTest
    @EnumSource(names = {"AUTHENTICATION", "QUOTA_EXHAUSTED", "MODEL_UNAVAILABLE"})
    void the_only_target_is_tried_when_its_trial_is_due(FailureClass type) {
        Walk walk = Walk.along("a").resting("a", type, 10_000, REST);

        walk.at(9_999).start().leadsTo("EXHAUSTED 10000");
        Walk.along("a").resting("a", type, 10_000, REST).at(10_000).start().leadsTo("a");
    }

    @Test
    void who_fails_its_trial_is_not_asked_again() {
        Walk.along("a")
                .resting("a", AUTHENTICATION, 0, REST)
                .fails(AUTHENTICATION)
                .leadsTo("EXHAUSTED 0");
    }

    @Test
    void nobody_is_tried_while_another_can_be_asked() {
        Walk walk = Walk.along("a", "b").resting("a", AUTHENTICATION, 0, REST).start();

        walk.leadsTo("b");
        assertThat(walk.plan.candidates().getFirst().isTrial()).isFalse();
    }

    @Test
    void it_is_tried_when_the_others_have_failed() {
        Walk walk = Walk.along("a", "b").resting("a", QUOTA_EXHAUSTED, 0, REST).fails(TIMEOUT);

        walk.leadsTo("a");
        assertThat(walk.plan.candidates().getFirst().isTrial()).isTrue();
    }

    @Test
    void another_try_of_a_target_comes_before_the_trial_of_another() {
        Walk.along("a", "b")
                .resting("a", AUTHENTICATION, 0, REST)
                .fails(SERVER_ERROR)
                .leadsTo("b +500")
                .fails(SERVER_ERROR)
                .leadsTo("a");
    }

    @Test
    void it_is_tried_before_another_is_waited_for() {
        Walk.along("a", "b")
                .resting("a", MODEL_UNAVAILABLE, 0, REST)
                .cooling("b", 2_000)
                .start()
                .leadsTo("a")
                .fails(MODEL_UNAVAILABLE)
                .leadsTo("b +2000 queued");
    }

    @Test
    void each_that_rests_has_its_trial() {
        Walk.along("a", "b")
                .resting("a", AUTHENTICATION, 0, REST)
                .resting("b", QUOTA_EXHAUSTED, 0, REST)
                .start()
                .leadsTo("a")
                .fails(AUTHENTICATION)
                .leadsTo("b")
                .fails(QUOTA_EXHAUSTED)
                .leadsTo("EXHAUSTED 0");
    }

    @Test
    void who_is_turned_away_because_another_request_makes_the_trial_gets_the_error() {
        Walk walk =
                Walk.along("a").resting("a", AUTHENTICATION, 0, REST).start().leadsTo("a");

        walk.resting("a", AUTHENTICATION, 10_000, REST).rejected().leadsTo("EXHAUSTED 10000");
    }

    @Test
    void a_trial_that_nobody_gets_is_not_polled() {
        Walk.along("a").resting("a", AUTHENTICATION, 0, REST).rejected().leadsTo("EXHAUSTED 0");
    }

    @Test
    void who_waits_for_another_is_let_through_when_a_trial_is_due() {
        Walk walk = Walk.along("a", "b")
                .resting("a", AUTHENTICATION, 10_000, REST)
                .cooling("b", 20_000)
                .start();

        walk.leadsTo("b +20000 queued");
        assertThat(walk.returned(9_999)).isNull();
        assertThat(walk.returned(10_000)).isEqualTo("a");
    }

    @Test
    void who_waits_for_another_sees_that_the_rest_has_ended() {
        Walk walk = Walk.along("a", "b")
                .resting("a", AUTHENTICATION, 10_000, REST)
                .cooling("b", 20_000)
                .start();

        assertThat(walk.well("a").returned(1_000)).isEqualTo("a");
    }

    @Test
    void a_rate_limited_target_has_no_trial() {
        Walk.along("a").cooling("a", 20_000).at(15_000).start().leadsTo("a +5000 queued");
    }

    @Test
    void a_trial_comes_before_a_last_resort() {
        Walk walk = Walk.along("a").resting("a", AUTHENTICATION, 0, REST);
        walk.plan.lastResort(
                () -> new LastResortAnswer("stale", "stale", 1.0, null, JsonNodeFactory.instance.objectNode()));

        walk.start().leadsTo("a").fails(AUTHENTICATION).leadsTo("resort stale");
    }

    @Test
    void a_request_without_fallback_tries_its_own_target_only() {
        Chain chain = TestChains.chain(TestLimits.defaults(), "a", "b");
        Plan plan = Plan.of(chain, false, 0, Walk.DEADLINE, c -> null);

        Walk.along(plan)
                .resting("a", AUTHENTICATION, 5_000, REST)
                .resting("b", AUTHENTICATION, 0, REST)
                .start()
                .leadsTo("EXHAUSTED 5000");
    }

    @Test
    void a_group_of_which_all_rest_is_tried_one_by_one() {
        Chain.Group race = new Chain.Group(
                Chain.Kind.RACE,
                List.of(
                        new Chain.Member(new Chain.Entry(TestChains.target("a"), TestLimits.defaults()), 1),
                        new Chain.Member(new Chain.Entry(TestChains.target("b"), TestLimits.defaults()), 1)));

        Walk.along(Chain.of("race", List.of(race), TestLimits.defaults()))
                .resting("a", AUTHENTICATION, 0, REST)
                .resting("b", AUTHENTICATION, 0, REST)
                .start()
                .leadsTo("a")
                .fails(AUTHENTICATION)
                .leadsTo("b");
    }

    @Test
    void half_an_answer_may_be_finished_by_a_trial() {
        Walk walk = Walk.along("a", "b").resting("b", AUTHENTICATION, 0, REST).start();
        walk.plan.finishOnly(candidate -> candidate.target().name().equals("b"));

        walk.fails(new FailedAttempt(
                        Failure.of(STREAM_BROKEN, "cut"), 0, false, false, FailedAttempt.AnotherWay.NO, true))
                .leadsTo("b");
    }

    @Test
    void who_cannot_serve_the_request_has_no_say_in_the_earliest_return() {
        Chain chain = TestChains.chain(TestLimits.defaults(), "a", "b");
        Plan plan =
                Plan.of(chain, true, 0, Walk.DEADLINE, c -> c.target().name().equals("a") ? "tools" : null);

        Walk.along(plan)
                .hindered("a", "COOLING", RATE_LIMITED, 5_000)
                .open("b", 70_000)
                .start()
                .leadsTo("EXHAUSTED 70000");
    }
}
