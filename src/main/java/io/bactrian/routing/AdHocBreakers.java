package io.bactrian.routing;

import io.bactrian.health.Breakers;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.request.RequestContext;
import java.util.concurrent.TimeUnit;

/**
 * The circuit breakers of models that only callers name. They share one route for each provider, whose own breaker never
 * opens; what the EIP does for the targets of the configuration is done here for them. Requests that let a target fail in a
 * drill of their own go past its breaker. Thread-safe.
 */
public final class AdHocBreakers {
    private final Breakers breakers;
    private final RouteNames routeNames;

    public AdHocBreakers(Breakers breakers, RouteNames routeNames) {
        this.breakers = breakers;
        this.routeNames = routeNames;
    }

    /**
     * Before a call.
     *
     * @throws CallFailed CIRCUIT_OPEN if the breaker lets nobody in
     */
    void enter(Candidate candidate, RequestContext context) {
        if (guards(candidate, context)
                && !breakers.of(candidate.target(), candidate.limits()).tryAcquirePermission()) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the breaker is open"));
        }
    }

    /** After a call that answered. */
    void answered(Candidate candidate, RequestContext context, long millis) {
        if (guards(candidate, context)) {
            breakers.of(candidate.target(), candidate.limits()).onSuccess(millis, TimeUnit.MILLISECONDS);
        }
    }

    /** After a call that failed, whether it counts or not. */
    void failed(Candidate candidate, RequestContext context, long millis, CallFailed failed) {
        if (guards(candidate, context)) {
            breakers.of(candidate.target(), candidate.limits()).onError(millis, TimeUnit.MILLISECONDS, failed);
        }
    }

    private boolean guards(Candidate candidate, RequestContext context) {
        return !routeNames.has(candidate.target()) && context.drill(candidate.target()) == null;
    }
}
