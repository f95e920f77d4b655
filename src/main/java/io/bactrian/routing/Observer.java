package io.bactrian.routing;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.request.RequestContext;

/** Sees what happens to requests and calls, and counts. Thread-safe. */
public interface Observer {

    /** A call to a provider failed. */
    void failed(Target target, Failure failure, long millis);

    /** A call to a provider answered. */
    void answered(Target target, long millis);

    /** An event of a stream was not JSON and has been skipped. */
    void malformed(Target target);

    /** A request has come to its end, whichever it is. */
    void done(RequestContext context);
}
