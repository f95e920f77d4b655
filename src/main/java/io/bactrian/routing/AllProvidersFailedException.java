package io.bactrian.routing;

import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The failure of a request without an answer, thrown by {@code direct:chat} for the calling route's {@code onException}. */
public final class AllProvidersFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public AllProvidersFailedException(Problem problem) {
        super(problem.message(), null, false, false);
        this.problem = problem;
    }

    /** The error that the request ended with. */
    public Problem problem() {
        return problem;
    }

    /** The class of the first failure; null if no call failed. */
    public @Nullable FailureClass failureClass() {
        for (CallRecord call : problem.attempts()) {
            if (call.failure() != null) {
                return call.failure().type();
            }
        }
        return null;
    }

    /** The HTTP status that the same request would have had. */
    public int status() {
        return problem.status();
    }

    /** The calls that were made, in order. */
    public List<CallRecord> attempts() {
        return problem.attempts();
    }

    /** Milliseconds until another request may succeed; null if unknown. */
    public @Nullable Long retryAfter() {
        return problem.retryAfterMillis();
    }
}
