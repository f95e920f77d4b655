package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.Failure.Concern;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import org.junit.jupiter.api.Test;

class CallerRestsTest {
    private static final Failure BROKEN = Failure.of(FailureClass.SERVER_ERROR, 500, "oops");
    private static final Failure FORBIDDEN =
            Failure.of(FailureClass.AUTHENTICATION, 403, "no access").about(Concern.MODEL);

    private final CallerRests rests = new CallerRests();
    private final Target target = TestChains.target("a");
    private final Limits limits = TestLimits.defaults();

    @Test
    void five_failures_in_a_row_of_one_caller_let_the_target_rest_for_it_alone() {
        for (int i = 0; i < 4; i++) {
            assertThat(failed("ann", BROKEN)).isFalse();
            assertThat(rests.of(target, "ann", true, 0)).isNull();
        }
        assertThat(failed("ann", BROKEN)).isFalse();

        assertThat(rests.of(target, "ann", true, 0).label()).isEqualTo("CIRCUIT_OPEN");
        assertThat(rests.of(target, "bob", true, 0)).isNull();
        assertThat(rests.of(TestChains.target("b"), "ann", true, 0)).isNull();
        assertThat(rests.of(target, "ann", true, limits.breakerOpenFor().toMillis()))
                .isNull();
    }

    @Test
    void after_the_rest_one_request_at_a_time_shows_whether_the_target_is_back() {
        for (int i = 0; i < 5; i++) {
            failed("ann", BROKEN);
        }
        long back = limits.breakerOpenFor().toMillis();

        assertThat(rests.of(target, "ann", false, back))
                .as("a request that asks another target first")
                .isNull();
        assertThat(rests.of(target, "ann", true, back)).isNull();
        assertThat(rests.of(target, "ann", true, back)).isNotNull();
        assertThat(rests.of(target, "ann", true, 2 * back - 1)).isNotNull();
        assertThat(rests.of(target, "ann", true, 2 * back))
                .as("the trial was lost")
                .isNull();

        rests.succeeded(target, "ann");
        assertThat(rests.of(target, "ann", true, 2 * back)).isNull();
        assertThat(rests.of(target, "ann", true, 2 * back)).isNull();
    }

    @Test
    void answer_ends_the_row_and_the_rest() {
        for (int i = 0; i < 4; i++) {
            failed("ann", BROKEN);
        }
        rests.succeeded(target, "ann");
        failed("ann", BROKEN);

        assertThat(rests.of(target, "ann", true, 0)).isNull();
    }

    @Test
    void failures_of_a_second_caller_concern_all() {
        assertThat(failed("ann", BROKEN)).isFalse();
        assertThat(failed("bob", BROKEN)).isTrue();
        rests.succeeded(target, "eve");
        assertThat(failed("bob", BROKEN))
                .as("the target has answered meanwhile")
                .isFalse();
    }

    @Test
    void failures_of_callers_without_names_concern_all() {
        assertThat(failed("", BROKEN)).isTrue();
        assertThat(failed("", FORBIDDEN)).isTrue();
        assertThat(rests.of(target, "", true, 0)).isNull();
    }

    @Test
    void refusal_that_may_be_of_the_request_concerns_its_caller_until_another_gets_it() {
        assertThat(failed("ann", FORBIDDEN)).isFalse();
        assertThat(failed("ann", FORBIDDEN)).isFalse();
        assertThat(rests.of(target, "ann", true, 0).label()).isEqualTo("COOLING");
        assertThat(rests.of(target, "bob", true, 0)).isNull();

        assertThat(failed("bob", FORBIDDEN)).isTrue();
    }

    @Test
    void refused_key_and_empty_account_concern_all_at_once() {
        assertThat(failed("ann", Failure.of(FailureClass.AUTHENTICATION, 401, "bad key")))
                .isTrue();
        assertThat(failed("ann", Failure.of(FailureClass.QUOTA_EXHAUSTED, 429, "quota")))
                .isTrue();
        assertThat(failed("ann", Failure.of(FailureClass.QUOTA_EXHAUSTED, 402, "pay")))
                .isFalse();
        assertThat(failed("ann", Failure.of(FailureClass.RATE_LIMITED, 429, "slow down")))
                .isTrue();
    }

    @Test
    void operator_ends_the_rests_of_all_callers() {
        failed("ann", FORBIDDEN);
        rests.forget(target);

        assertThat(rests.of(target, "ann", true, 0)).isNull();
        assertThat(failed("bob", FORBIDDEN)).isFalse();
    }

    private boolean failed(String caller, Failure failure) {
        return rests.failed(target, limits, caller, failure, failure.counts(), 0);
    }
}
