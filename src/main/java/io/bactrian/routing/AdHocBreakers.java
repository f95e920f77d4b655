package io.bactrian.routing;

import io.bactrian.chat.Conversation;
import io.bactrian.fallback.Breakers;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.fallback.Stop;
import java.util.concurrent.TimeUnit;

/**
 * The circuit breakers of models that only callers name. They share one route for each provider, whose own breaker never
 * opens; what the EIP does for the targets of the configuration is done here for them. Requests that let a target fail in a
 * drill of their own go past its breaker. Thread-safe.
 */
public final class AdHocBreakers {
    private final Breakers breakers;
    private final TargetRoutes routes;

    public AdHocBreakers(Breakers breakers, TargetRoutes routes) {
        this.breakers = breakers;
        this.routes = routes;
    }

    /**
     * Before a call.
     *
     * @throws CallFailed CIRCUIT_OPEN if the breaker lets nobody in
     */
    void enter(Stop stop, Conversation conversation) {
        if (guards(stop, conversation)
                && !breakers.of(stop.target(), stop.limits()).tryAcquirePermission()) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the breaker is open"));
        }
    }

    /** After a call that answered. */
    void answered(Stop stop, Conversation conversation, long millis) {
        if (guards(stop, conversation)) {
            breakers.of(stop.target(), stop.limits()).onSuccess(millis, TimeUnit.MILLISECONDS);
        }
    }

    /** After a call that failed, whether it counts or not. */
    void failed(Stop stop, Conversation conversation, long millis, CallFailed failed) {
        if (guards(stop, conversation)) {
            breakers.of(stop.target(), stop.limits()).onError(millis, TimeUnit.MILLISECONDS, failed);
        }
    }

    private boolean guards(Stop stop, Conversation conversation) {
        return !routes.has(stop.target()) && conversation.drill(stop.target()) == null;
    }
}
