package io.bactrian.web;

import io.bactrian.page.RecentEvents;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.CallerScope;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.util.regex.Pattern;
import org.apache.camel.Processor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of what operators do: who, what, and from which address. It is shown on the page, too. Thread-safe. */
public final class OperatorLog {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.admin");

    /** Addresses; anything else in the header is not worth a line of the log. */
    private static final Pattern FORWARDED = Pattern.compile("[0-9A-Fa-f.:, \\[\\]]{1,200}");

    private static final int REFUSALS_A_MINUTE = 100;
    private static final int MAX_PATH = 200;

    private final RecentEvents events;
    private final Clock clock;
    /** The minute of the last refusal, and how many it had. */
    private long minute;

    private int refusals;

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

    /** A step of operators, with its refusals noted. */
    public Processor withRefusals(Processor step) {
        return exchange -> {
            try {
                step.process(exchange);
            } catch (RequestRejected e) {
                refused(Http.request(exchange), e);
                throw e;
            }
        };
    }

    /**
     * Notes an action that the caller may not do, if that is why it was rejected. Anyone can make such requests without a key, so
     * there is a limit to the lines of each minute.
     */
    private void refused(HttpServerRequest request, RequestRejected why) {
        if (why.status() != 401 && why.status() != 403) {
            return;
        }
        int number = refusal(clock.millis() / 60_000);
        if (number <= REFUSALS_A_MINUTE) {
            String path = request.path().replaceAll("[^!-~]", "?");
            LOG.warn(
                    "{} refused: {} (from {})",
                    path.length() <= MAX_PATH ? path : path.substring(0, MAX_PATH) + "…",
                    why.getMessage(),
                    address(request));
        } else if (number == REFUSALS_A_MINUTE + 1) {
            LOG.warn("Further refusals of this minute are not logged");
        }
    }

    /** The number of a refusal within its minute. */
    private synchronized int refusal(long now) {
        refusals = now == minute ? refusals + 1 : 1;
        minute = now;
        return refusals;
    }

    /** Notes a login or logout at the page. */
    static void session(String caller, HttpServerRequest request, String action) {
        LOG.info("page: {} {} from {}", caller, action, address(request));
    }

    /** Notes an attempt to log in with a wrong key. */
    static void wrongKey(HttpServerRequest request) {
        LOG.warn("page: a wrong key from {}", address(request));
    }

    /** The address of the other end of the connection. */
    static String peer(HttpServerRequest request) {
        return request.remoteAddress() == null
                ? "unknown"
                : String.valueOf(request.remoteAddress().hostAddress());
    }

    /** The peer's address, and what a proxy in between says about where the request came from. */
    private static String address(HttpServerRequest request) {
        String peer = peer(request);
        String forwarded = request.getHeader("x-forwarded-for");
        return forwarded == null || !FORWARDED.matcher(forwarded).matches()
                ? peer
                : peer + ", forwarded for " + forwarded;
    }
}
