package io.bactrian.routing;

import io.bactrian.health.CallObserver;
import io.bactrian.request.RequestContext;

/** An observer of requests and of their calls, such as a log or a counter. Thread-safe. */
public interface Observer extends CallObserver {

    /** Called when a request has ended, however it ended. */
    default void done(RequestContext context) {}
}
