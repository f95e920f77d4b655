package io.bactrian.health;

import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a call or probe, as evidence of the health of its target. Immutable.
 *
 * @param type the class of the failure; null for a success
 * @param status the HTTP status of the failure; 0 if there was none
 * @param startedAt when the call began, epoch milliseconds
 */
record Outcome(Kind kind, @Nullable FailureClass type, int status, long startedAt, Evidence source) {

    /** The meaning of an outcome for the target. */
    enum Kind {
        SUCCESS,
        /** A success that took far longer than usual. */
        SLOW,
        /** The target refused the call, and so it is alive: it is busy, or the call was at fault. */
        ALIVE,
        /** The target failed. */
        FAILURE,
        /** The target cannot be used until its cause is removed: its keys are refused, the model is gone. */
        LASTING,
        /** It may have failed, or one caller may have brought that about: a probe will show it. */
        DOUBTFUL,
        /** The outcome says nothing. */
        NOTHING
    }

    static Outcome success(long startedAt, Evidence source, boolean slow) {
        return new Outcome(slow ? Kind.SLOW : Kind.SUCCESS, null, 0, startedAt, source);
    }

    /**
     * A list of models that came. It proves that network and key are well, but neither the model nor the quota.
     *
     * @param trouble the class of the failure that is known of the target; null if there is none
     */
    static Outcome listed(long startedAt, @Nullable FailureClass trouble) {
        boolean unproven = trouble == FailureClass.MODEL_UNAVAILABLE || trouble == FailureClass.QUOTA_EXHAUSTED;
        return new Outcome(unproven ? Kind.ALIVE : Kind.SUCCESS, null, 0, startedAt, Evidence.PROBE);
    }

    /**
     * A failed call.
     *
     * @param counted whether the failure is one of the target, and not of an early end or a closed connection
     * @param anotherKey whether the provider has another key that may be used for the target
     */
    static Outcome failure(Failure failure, boolean counted, boolean anotherKey, long startedAt, Evidence source) {
        return new Outcome(kind(failure, counted, anotherKey), failure.type(), failure.status(), startedAt, source);
    }

    /** The same outcome where one caller may have brought it about. */
    Outcome inDoubt() {
        return kind == Kind.FAILURE || kind == Kind.LASTING
                ? new Outcome(Kind.DOUBTFUL, type, status, startedAt, source)
                : this;
    }

    private static Kind kind(Failure failure, boolean counted, boolean anotherKey) {
        return switch (failure.type()) {
            case CANCELLED, CIRCUIT_OPEN -> Kind.NOTHING;
            case AUTHENTICATION, QUOTA_EXHAUSTED -> anotherKey ? Kind.ALIVE : Kind.LASTING;
            case MODEL_UNAVAILABLE -> Kind.LASTING;
            case RATE_LIMITED, INVALID_REQUEST, UNSUPPORTED, CONTEXT_LENGTH, CONTENT_POLICY -> Kind.ALIVE;
            case TIMEOUT, NETWORK, OVERLOADED, SERVER_ERROR, STREAM_BROKEN, INVALID_RESPONSE ->
                !counted ? Kind.NOTHING : failure.counts() ? Kind.FAILURE : Kind.ALIVE;
        };
    }
}
