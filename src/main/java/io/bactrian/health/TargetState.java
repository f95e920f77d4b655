package io.bactrian.health;

import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.policy.FailureClass;
import org.jspecify.annotations.Nullable;

/**
 * The state of one target's health: a pure function of the state before, an outcome and the time. Immutable.
 *
 * <p>A success makes it UP. Two failures in a row make it DOWN, the first one if nothing was known. A cause that lasts, and
 * three slow successes in a row, make it DEGRADED. An answer of any other kind, such as a rate limit, is a sign of life: it
 * ends DOWN, but not DEGRADED.
 *
 * @param since when the state began, epoch milliseconds
 * @param failures the failures in a row
 * @param failedAt the time of the last of them, epoch milliseconds
 * @param cause the class of the failure behind DOWN or DEGRADED; null if there is none
 * @param status the HTTP status of that failure; 0 if there was none
 * @param slow the slow successes in a row
 */
record TargetState(
        HealthState state,
        long since,
        int failures,
        long failedAt,
        @Nullable FailureClass cause,
        int status,
        Evidence evidence,
        int slow) {
    private static final int FAILURES_TO_FALL = 2;
    private static final int SLOW_TO_DEGRADE = 3;

    static TargetState unknown(long now) {
        return new TargetState(HealthState.UNKNOWN, now, 0, 0, null, 0, Evidence.NONE, 0);
    }

    /** True if another success would change nothing. */
    boolean isPlainlyUp() {
        return state == HealthState.UP && failures == 0 && slow == 0;
    }

    /** The state after an outcome. */
    TargetState next(Outcome outcome, long now) {
        return switch (outcome.kind()) {
            case NOTHING, DOUBTFUL -> this;
            case SUCCESS -> to(HealthState.UP, outcome, now, null, 0);
            case SLOW -> slower(outcome, now);
            case ALIVE -> {
                if (state == HealthState.DEGRADED) {
                    yield failures == 0 ? this : to(state, outcome, now, cause, slow);
                }
                yield to(HealthState.UP, outcome, now, null, slow);
            }
            case LASTING -> to(HealthState.DEGRADED, outcome, now, outcome.type(), 0);
            case FAILURE -> failed(outcome, now);
        };
    }

    private TargetState slower(Outcome outcome, long now) {
        int inRow = Math.min(SLOW_TO_DEGRADE, slow + 1);
        return to(inRow < SLOW_TO_DEGRADE ? HealthState.UP : HealthState.DEGRADED, outcome, now, null, inRow);
    }

    private TargetState failed(Outcome outcome, long now) {
        // Calls in flight together fail together: the first failure is counted, and what begins after it.
        if (failures > 0 && outcome.startedAt() < failedAt && failedAt <= now) {
            return this;
        }
        int inRow = failures + 1;
        boolean falls = state == HealthState.DOWN || state == HealthState.UNKNOWN || inRow >= FAILURES_TO_FALL;
        if (falls) {
            long from = state == HealthState.DOWN ? since : now;
            return new TargetState(
                    HealthState.DOWN, from, inRow, now, outcome.type(), outcome.status(), outcome.source(), 0);
        }
        return new TargetState(state, since, inRow, now, cause, status, evidence, slow);
    }

    private TargetState to(HealthState next, Outcome outcome, long now, @Nullable FailureClass why, int slowInRow) {
        boolean kept = why != null && why == cause && outcome.type() != why;
        return new TargetState(
                next,
                next == state ? since : now,
                0,
                0,
                why,
                why == null ? 0 : kept ? status : outcome.status(),
                outcome.source(),
                slowInRow);
    }
}
