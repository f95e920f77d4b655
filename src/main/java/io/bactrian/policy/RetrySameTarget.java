package io.bactrian.policy;

import io.bactrian.config.Limits;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** The rules for asking the same target again, and the wait before that. Thread-safe; the plan passed to it is not. */
final class RetrySameTarget {
    static final long NEVER = Long.MAX_VALUE;

    private final DoubleSupplier random;

    /** @param random 0..1, for the jitter of the backoff */
    RetrySameTarget(DoubleSupplier random) {
        this.random = random;
    }

    /** True if the target may be called once more and a call remains for every other candidate. */
    static boolean hasBudget(Plan plan, Candidate candidate) {
        return candidate.calls() < candidate.limits().maxAttempts() && plan.hasCallFor(candidate);
    }

    /** True if a target that refused the way it was asked may be asked in another way, which it may always be once. */
    static boolean hasBudgetForAnotherWay(Plan plan, Candidate candidate) {
        int most = Math.max(2, candidate.limits().maxAttempts());
        return candidate.calls() < most && plan.hasCallFor(candidate);
    }

    /** The wait before the same target is asked again, in milliseconds; {@link #NEVER} if it is not asked again. */
    long after(Plan plan, Candidate candidate, FailedAttempt failedAttempt) {
        Failure failure = failedAttempt.failure();
        Limits limits = candidate.limits();
        if (!hasBudget(plan, candidate)) {
            return NEVER;
        }
        if (failedAttempt.staleConnection() && candidate.excuseStaleConnection()) {
            return 0;
        }
        boolean keyFailed = failure.type() == FailureClass.AUTHENTICATION
                || failure.type() == FailureClass.QUOTA_EXHAUSTED
                || (failure.type() == FailureClass.RATE_LIMITED && failedAttempt.anotherKey());
        if (Boolean.FALSE.equals(failure.shouldRetry()) && !keyFailed) {
            return NEVER;
        }
        // Once content was sent, a long call has not kept the caller waiting.
        boolean tooLong = !failedAttempt.committed()
                && failedAttempt.tookMillis() > limits.patience().toMillis();
        return switch (failure.type()) {
            case RATE_LIMITED -> failedAttempt.anotherKey() ? 0 : limitedFor(candidate, failure);
            case AUTHENTICATION, QUOTA_EXHAUSTED -> failedAttempt.anotherKey() ? 0 : NEVER;
            case OVERLOADED, SERVER_ERROR ->
                !tooLong && candidate.firstOf(failure.type())
                        ? Math.max(backoff(candidate), failure.retryAfter() == null ? 0 : millis(failure.retryAfter()))
                        : NEVER;
            case NETWORK ->
                !tooLong && Failure.RESET.equals(failure.code()) && candidate.firstOf(failure.type()) ? 0 : NEVER;
            case INVALID_RESPONSE, STREAM_BROKEN ->
                !tooLong && !Failure.TOO_LONG.equals(failure.code()) && candidate.firstOf(failure.type()) ? 0 : NEVER;
            default -> NEVER;
        };
    }

    private long limitedFor(Candidate candidate, Failure failure) {
        return failure.retryAfter() != null ? millis(failure.retryAfter()) : backoff(candidate);
    }

    /** The backoff after the calls made so far, in milliseconds: doubled each time, up to its maximum. */
    static long fullBackoff(Candidate candidate) {
        int doublings = Math.min(Math.max(0, candidate.calls() - 1), 20);
        return Math.min(
                millis(candidate.limits().backoff()) << doublings,
                millis(candidate.limits().maxBackoff()));
    }

    /** The backoff with jitter, in milliseconds: between half and all of it. */
    private long backoff(Candidate candidate) {
        return Math.round(fullBackoff(candidate) * (0.5 + random.getAsDouble() / 2));
    }

    private static long millis(Duration duration) {
        return duration.toMillis();
    }
}
