package io.bactrian.request;

import io.bactrian.config.Limits.Rescue;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallOptions;
import org.jspecify.annotations.Nullable;

/**
 * The trace of one request: what happened to it besides its calls, each of which has a {@link CallTrace}. Every method does
 * nothing by default, so that a request that is not traced costs nothing. Thread-safe.
 */
public interface RequestTrace {
    /** The trace of every request that is not traced. */
    RequestTrace NONE = new RequestTrace() {};

    /** The trace's id, 32 hexadecimal digits; empty if the request is not traced. */
    default String id() {
        return "";
    }

    /** Begins the trace of a call to a candidate. */
    default CallTrace call(RequestContext context, Candidate candidate, CallOptions options) {
        return CallTrace.NONE;
    }

    /** Notes the candidates that have been skipped since the last decision. */
    default void decided(RequestContext context) {}

    /**
     * Notes a wait before a call.
     *
     * @param millis how long it took
     */
    default void waited(Candidate candidate, Decision.Wait reason, long millis) {}

    /** Notes that a candidate goes on with an answer that broke off. */
    default void rescued(Candidate by, Rescue way) {}

    /** Notes that a last resort answers. */
    default void lastResort(LastResortAnswer answer) {}

    /**
     * Ends the trace.
     *
     * @param context the request; null if it was rejected before it was planned
     * @param status the HTTP status of the response, 0 if there was none
     */
    default void end(@Nullable RequestContext context, int status) {}
}
