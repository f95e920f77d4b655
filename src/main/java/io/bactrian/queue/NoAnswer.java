package io.bactrian.queue;

import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.NoTargetAnswered;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The reason for which a request has no answer. Immutable.
 *
 * @param kind who is at fault
 * @param problem the error that the caller would get
 * @param type the class of the first failed call; null if no call failed
 */
record NoAnswer(Kind kind, Problem problem, @Nullable FailureClass type) {
    static final int EXPIRED = 504;
    private static final int INTERNAL_ERROR = 500;

    enum Kind {
        /** The gateway has rejected the request: no provider was asked. */
        REJECTED,
        /** No target has answered. */
        UNANSWERED,
        /** The gateway itself has failed, by an error of its own. */
        FAULT
    }

    /** The reason behind an exception of {@code direct:chat}. */
    static NoAnswer of(@Nullable Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof RequestRejected rejected) {
                return new NoAnswer(Kind.REJECTED, Problem.of(rejected), null);
            }
            if (t instanceof NoTargetAnswered failed) {
                return new NoAnswer(Kind.UNANSWERED, failed.problem(), failed.type());
            }
        }
        return new NoAnswer(Kind.FAULT, internal("The gateway could not handle the request."), null);
    }

    /** The reason of a request at which the process has died several times. */
    static NoAnswer deadly() {
        return new NoAnswer(
                Kind.FAULT, internal("The gateway ended several times while it handled the request."), null);
    }

    /** The error of a request that has expired. */
    static Problem expired() {
        return new Problem(
                EXPIRED,
                "timeout_error",
                "expired",
                null,
                "The request has expired before there was an answer.",
                null,
                false,
                List.of());
    }

    private static Problem internal(String message) {
        return new Problem(INTERNAL_ERROR, "server_error", "internal_error", null, message, null, false, List.of());
    }
}
