package io.bactrian.routing;

import io.bactrian.api.AllProvidersFailedException;
import io.bactrian.api.ProviderCall;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The failure of a request without an answer, with the error that it ended in. */
public final class NoTargetAnswered extends AllProvidersFailedException {
    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public NoTargetAnswered(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    /** The error that the request ended with. */
    public Problem problem() {
        return problem;
    }

    /** The class of the first failure; null if no call failed. */
    public @Nullable FailureClass type() {
        for (CallRecord call : problem.attempts()) {
            if (call.failure() != null) {
                return call.failure().type();
            }
        }
        return null;
    }

    @Override
    public int status() {
        return problem.status();
    }

    @Override
    public @Nullable String code() {
        return problem.code();
    }

    @Override
    public @Nullable String failureClass() {
        FailureClass type = type();
        return type == null ? null : type.name();
    }

    @Override
    public List<ProviderCall> attempts() {
        return problem.attempts().stream()
                .map(call -> new ProviderCall(call.target(), call.outcome(), call.status(), call.millis()))
                .toList();
    }

    @Override
    public @Nullable Long retryAfter() {
        return problem.retryAfterMillis();
    }
}
