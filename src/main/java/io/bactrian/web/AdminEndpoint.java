package io.bactrian.web;

import io.bactrian.config.Limits;
import io.bactrian.config.LimitsResolver;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.DrillFault;
import io.bactrian.health.Drills;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.CallerScope;
import io.bactrian.routing.DrillHeader;
import io.bactrian.routing.HeaderValues;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What operators do to a target: open its breaker, close it, let it fail in a drill. Each action leaves a line in the log that
 * names the key it was done with. Thread-safe.
 */
public final class AdminEndpoint {
    /** Where the actions are, in front of the target's name, which may have slashes. */
    static final String PATH = "/admin/targets/";

    private static final Logger LOG = LoggerFactory.getLogger("bactrian.admin");
    private static final Duration DEFAULT_DRILL = Duration.ofMinutes(5);
    private static final Duration MAX_DRILL = Duration.ofHours(4);

    private final ChatEndpoints door;
    private final HttpResponses answers;
    private final StatusEndpoints pages;
    private final LimitsResolver limits;
    private final Breakers breakers;
    private final Cooldowns cooldowns;
    private final Drills drills;
    private final Clock clock;

    public AdminEndpoint(
            ChatEndpoints door,
            HttpResponses answers,
            StatusEndpoints pages,
            LimitsResolver limits,
            Breakers breakers,
            Cooldowns cooldowns,
            Drills drills,
            Clock clock) {
        this.door = door;
        this.answers = answers;
        this.pages = pages;
        this.limits = limits;
        this.breakers = breakers;
        this.cooldowns = cooldowns;
        this.drills = drills;
        this.clock = clock;
    }

    /** Does what the path says, and answers with the target's status. */
    public void act(Exchange exchange) {
        CallerScope reach = door.reach(exchange);
        HttpServerRequest request = Http.request(exchange);
        String path = request.path();
        if (!isAction(path)) {
            pages.unknown(exchange);
            return;
        }
        admit(reach, request);
        int end = path.lastIndexOf('/');
        Target target = DrillHeader.target(reach, "target", decoded(path.substring(PATH.length(), end)));
        switch (path.substring(end + 1)) {
            case "open" -> open(reach, target);
            case "close" -> close(reach, target);
            default -> drill(reach, target, request);
        }
        answers.answer(exchange, 200, pages.target(target, clock.millis()));
    }

    /** Whether a path is that of an action on some target. */
    static boolean isAction(String path) {
        return path.startsWith(PATH) && path.substring(PATH.length()).matches(".+/(open|close|drill)");
    }

    /** Operators only: who may not ask every target has no say over any. Nor has a page that somebody happens to look at. */
    private static void admit(CallerScope reach, HttpServerRequest request) {
        if (reach.isLimited()) {
            throw forbidden("The key '" + reach.caller() + "' is for certain chains only, and for no operator.");
        }
        if ("cross-site".equals(request.getHeader("sec-fetch-site"))) {
            throw forbidden("A page of another site cannot do that.");
        }
    }

    private static RequestRejected forbidden(String why) {
        return new RequestRejected(403, "permission_error", "operators_only", null, why);
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RequestRejected.invalid("target", "The target's name cannot be decoded.");
        }
    }

    private void open(CallerScope reach, Target target) {
        Limits own = limits.resolve(null, target);
        breakers.open(target, own);
        say(reach, target, "opened, for " + own.breakerOpenFor().toMillis() + " ms");
    }

    private void close(CallerScope reach, Target target) {
        drills.end(target);
        cooldowns.forget(target);
        breakers.close(target);
        say(reach, target, "closed");
    }

    private void drill(CallerScope reach, Target target, HttpServerRequest request) {
        String name = request.getParam("fault", "");
        if (name.equals("off")) {
            drills.end(target);
            say(reach, target, "drill ended");
            return;
        }
        DrillFault fault = DrillHeader.fault("fault", name);
        Duration wished = HeaderValues.timeout("for", request.getParam("for"));
        Duration time = wished == null ? DEFAULT_DRILL : wished;
        if (time.compareTo(MAX_DRILL) > 0) {
            throw RequestRejected.invalid("for", "A drill lasts 4h at most.");
        }
        long now = clock.millis();
        drills.begin(target, fault, now + time.toMillis(), now);
        say(reach, target, "fails with " + fault.name() + " in a drill, for " + time.toMillis() + " ms");
    }

    private static void say(CallerScope reach, Target target, String what) {
        LOG.warn("{}: {} (by {})", target.name(), what, reach.caller().isEmpty() ? "anyone" : reach.caller());
    }
}
