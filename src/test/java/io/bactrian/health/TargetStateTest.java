package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The state of one target's health after each kind of outcome. */
final class TargetStateTest {
    private static final long NOW = 1_000_000;

    private final TargetState unknown = TargetState.unknown(NOW);
    private final TargetState up = unknown.next(success(NOW), NOW);

    @Test
    void the_first_evidence_decides_at_once() {
        assertThat(unknown.state()).isEqualTo(HealthState.UNKNOWN);
        assertThat(up.state()).isEqualTo(HealthState.UP);
        assertThat(unknown.next(failure(FailureClass.TIMEOUT, NOW), NOW).state())
                .isEqualTo(HealthState.DOWN);
    }

    @Test
    void one_failure_changes_nothing_that_is_seen_and_the_second_in_a_row_is_down() {
        TargetState once = up.next(failure(FailureClass.NETWORK, NOW + 10), NOW + 20);
        assertThat(once.state()).isEqualTo(HealthState.UP);
        assertThat(once.isPlainlyUp()).isFalse();

        TargetState twice = once.next(failure(FailureClass.OVERLOADED, NOW + 30), NOW + 40);
        assertThat(twice.state()).isEqualTo(HealthState.DOWN);
        assertThat(twice.cause()).isEqualTo(FailureClass.OVERLOADED);
        assertThat(twice.since()).isEqualTo(NOW + 40);
    }

    @Test
    void a_success_between_two_failures_keeps_it_up() {
        TargetState state = up.next(failure(FailureClass.NETWORK, NOW + 1), NOW + 2)
                .next(success(NOW + 3), NOW + 4)
                .next(failure(FailureClass.NETWORK, NOW + 5), NOW + 6);

        assertThat(state.state()).isEqualTo(HealthState.UP);
        assertThat(state.since()).isEqualTo(NOW);
    }

    @Test
    void calls_that_were_in_flight_together_fail_together_and_count_once() {
        TargetState state = up;
        for (int i = 0; i < 50; i++) {
            state = state.next(failure(FailureClass.NETWORK, NOW + 5), NOW + 10 + i);
        }

        assertThat(state.state()).isEqualTo(HealthState.UP);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"RATE_LIMITED", "INVALID_REQUEST", "UNSUPPORTED", "CONTEXT_LENGTH", "CONTENT_POLICY"})
    void an_answer_of_any_kind_is_life(FailureClass type) {
        TargetState down = unknown.next(failure(FailureClass.TIMEOUT, NOW), NOW);

        assertThat(down.next(failure(type, NOW + 1), NOW + 2).state()).isEqualTo(HealthState.UP);
        assertThat(up.next(failure(type, NOW + 1), NOW + 2).state()).isEqualTo(HealthState.UP);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"AUTHENTICATION", "QUOTA_EXHAUSTED", "MODEL_UNAVAILABLE"})
    void a_cause_that_lasts_degrades_until_a_success(FailureClass type) {
        TargetState degraded = up.next(failure(type, NOW + 1), NOW + 2);
        assertThat(degraded.state()).isEqualTo(HealthState.DEGRADED);
        assertThat(degraded.cause()).isEqualTo(type);

        TargetState limited = degraded.next(failure(FailureClass.RATE_LIMITED, NOW + 3), NOW + 4);
        assertThat(limited.state()).isEqualTo(HealthState.DEGRADED);
        assertThat(limited.next(success(NOW + 5), NOW + 6).state()).isEqualTo(HealthState.UP);
    }

    @Test
    void a_refused_key_says_nothing_while_another_is_usable() {
        Failure refused = Failure.of(FailureClass.AUTHENTICATION, 401, "no");

        assertThat(up.next(Outcome.failure(refused, true, true, NOW, Evidence.TRAFFIC), NOW)
                        .state())
                .isEqualTo(HealthState.UP);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"CANCELLED", "CIRCUIT_OPEN"})
    void a_call_that_was_given_up_says_nothing(FailureClass type) {
        assertThat(up.next(failure(type, NOW + 1), NOW + 2)).isSameAs(up);
    }

    @Test
    void a_failure_of_the_callers_own_making_says_nothing() {
        Failure tooShort = Failure.of(FailureClass.TIMEOUT, "the caller's deadline");

        assertThat(unknown.next(Outcome.failure(tooShort, false, false, NOW, Evidence.TRAFFIC), NOW))
                .isSameAs(unknown);
    }

    @Test
    void three_slow_successes_in_a_row_degrade_and_a_quick_one_ends_it() {
        TargetState state = up.next(slow(), NOW).next(slow(), NOW);
        assertThat(state.state()).isEqualTo(HealthState.UP);

        state = state.next(slow(), NOW);
        assertThat(state.state()).isEqualTo(HealthState.DEGRADED);
        assertThat(state.next(slow(), NOW).state()).isEqualTo(HealthState.DEGRADED);
        assertThat(state.next(success(NOW), NOW).state()).isEqualTo(HealthState.UP);
    }

    @Test
    void a_clock_that_jumps_back_does_not_keep_failures_from_counting() {
        TargetState once = up.next(failure(FailureClass.NETWORK, NOW), NOW + 3_600_000);

        assertThat(once.next(failure(FailureClass.NETWORK, NOW - 10), NOW).state())
                .isEqualTo(HealthState.DOWN);
    }

    static Outcome success(long startedAt) {
        return Outcome.success(startedAt, Evidence.PROBE, false);
    }

    static Outcome slow() {
        return Outcome.success(NOW, Evidence.PROBE, true);
    }

    static Outcome failure(FailureClass type, long startedAt) {
        return Outcome.failure(Failure.of(type, "failed"), true, false, startedAt, Evidence.PROBE);
    }
}
