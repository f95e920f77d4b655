package io.bactrian.fallback;

import io.bactrian.config.Limits;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/** Tells whether a target that failed is asked again, and after which wait. Thread-safe; the plan it is given is not. */
final class Again {
    static final long NEVER = Long.MAX_VALUE;

    private final DoubleSupplier random;

    /** @param random 0..1, for the jitter of the backoff */
    Again(DoubleSupplier random) {
        this.random = random;
    }

    /** Whether the target may be called once more, and one call is left for every other candidate. */
    static boolean hasBudget(Plan plan, Stop stop) {
        return stop.calls() < stop.limits().maxAttempts() && plan.hasCallFor(stop);
    }

    /** The wait before the same target is asked again, in milliseconds; {@link #NEVER} if it is not. */
    long after(Plan plan, Stop stop, Setback setback) {
        Failure failure = setback.failure();
        Limits limits = stop.limits();
        if (!hasBudget(plan, stop)) {
            return NEVER;
        }
        if (setback.staleConnection() && stop.excuseStaleConnection()) {
            return 0;
        }
        boolean keyBlamed = failure.type() == FailureClass.AUTHENTICATION
                || failure.type() == FailureClass.QUOTA_EXHAUSTED
                || (failure.type() == FailureClass.RATE_LIMITED && setback.anotherKey());
        if (Boolean.FALSE.equals(failure.shouldRetry()) && !keyBlamed) {
            return NEVER;
        }
        // Who has spoken for long was not silent for long.
        boolean tooLong =
                !setback.spoken() && setback.tookMillis() > limits.patience().toMillis();
        return switch (failure.type()) {
            case RATE_LIMITED -> setback.anotherKey() ? 0 : limitedFor(stop, failure);
            case AUTHENTICATION, QUOTA_EXHAUSTED -> setback.anotherKey() ? 0 : NEVER;
            case OVERLOADED, SERVER_ERROR ->
                !tooLong && stop.firstOf(failure.type())
                        ? Math.max(backoff(stop), failure.retryAfter() == null ? 0 : millis(failure.retryAfter()))
                        : NEVER;
            case NETWORK ->
                !tooLong && Failure.RESET.equals(failure.code()) && stop.firstOf(failure.type()) ? 0 : NEVER;
            case INVALID_RESPONSE, STREAM_BROKEN -> !tooLong && stop.firstOf(failure.type()) ? 0 : NEVER;
            default -> NEVER;
        };
    }

    private long limitedFor(Stop stop, Failure failure) {
        return failure.retryAfter() != null ? millis(failure.retryAfter()) : backoff(stop);
    }

    /** The backoff that follows the calls made so far, in milliseconds: doubled each time. */
    static long wholeBackoff(Stop stop) {
        int doublings = Math.min(Math.max(0, stop.calls() - 1), 20);
        return Math.min(
                millis(stop.limits().backoff()) << doublings,
                millis(stop.limits().maxBackoff()));
    }

    /** The backoff, jittered between half and the whole of it. */
    private long backoff(Stop stop) {
        return Math.round(wholeBackoff(stop) * (0.5 + random.getAsDouble() / 2));
    }

    private static long millis(Duration duration) {
        return duration.toMillis();
    }
}
