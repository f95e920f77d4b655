package io.bactrian.web;

import io.bactrian.page.RecentEvents;
import io.bactrian.routing.CallerScope;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of what operators do: who, what, and from which address. It is shown on the page, too. Thread-safe. */
public final class OperatorLog {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.admin");

    private final RecentEvents events;
    private final Clock clock;

    public OperatorLog(RecentEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    /**
     * Notes an action.
     *
     * @param subject what it was done to: the name of a target or of a simulated provider
     */
    void log(CallerScope scope, HttpServerRequest request, String subject, String action) {
        String who = scope.caller().isEmpty() ? "anyone" : scope.caller();
        LOG.warn("{}: {} (by {} from {})", subject, action, who, address(request));
        events.operated(clock.millis(), subject, action + " by " + who);
    }

    /** Notes a login or logout at the page. */
    static void session(String caller, HttpServerRequest request, String action) {
        LOG.info("page: {} {} from {}", caller, action, address(request));
    }

    /** Notes an attempt to log in with a wrong key. */
    static void wrongKey(HttpServerRequest request) {
        LOG.warn("page: a wrong key from {}", address(request));
    }

    static String address(HttpServerRequest request) {
        return request.remoteAddress() == null
                ? "unknown"
                : String.valueOf(request.remoteAddress().hostAddress());
    }
}
