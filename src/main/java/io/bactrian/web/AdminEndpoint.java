package io.bactrian.web;

import io.bactrian.config.Limits;
import io.bactrian.config.LimitsResolver;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.DrillFault;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthBook;
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

/**
 * The endpoint of operators' actions on a target: open its breaker, close it, or fail its calls in a drill. Each action is
 * written to the log of operators. Thread-safe.
 */
public final class AdminEndpoint {
    /** The path of an action up to the target's name, which may contain slashes. */
    static final String PATH = "/admin/targets/";

    private static final Duration DEFAULT_DRILL = Duration.ofMinutes(5);
    private static final Duration MAX_DRILL = Duration.ofHours(4);

    private final ChatEndpoints endpoints;
    private final HttpResponses responses;
    private final StatusEndpoints status;
    private final LimitsResolver limits;
    private final Breakers breakers;
    private final Cooldowns cooldowns;
    private final HealthBook healthBook;
    private final Drills drills;
    private final OperatorLog audit;
    private final Clock clock;

    public AdminEndpoint(
            ChatEndpoints endpoints,
            HttpResponses responses,
            StatusEndpoints status,
            LimitsResolver limits,
            Breakers breakers,
            Cooldowns cooldowns,
            HealthBook healthBook,
            Drills drills,
            OperatorLog audit,
            Clock clock) {
        this.endpoints = endpoints;
        this.responses = responses;
        this.status = status;
        this.limits = limits;
        this.breakers = breakers;
        this.cooldowns = cooldowns;
        this.healthBook = healthBook;
        this.drills = drills;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Carries out the action that the path names, and responds with the target's status.
     *
     * @throws RequestRejected if the caller may not do that, or there is no such action, target or fault
     */
    public void act(Exchange exchange) {
        CallerScope scope = endpoints.pageScope(exchange);
        HttpServerRequest request = Http.request(exchange);
        String path = request.path();
        if (!isAction(path)) {
            status.unknown(exchange);
            return;
        }
        admit(scope, request);
        int end = path.lastIndexOf('/');
        Target target = DrillHeader.target(scope, "target", decoded(path.substring(PATH.length(), end)));
        switch (path.substring(end + 1)) {
            case "open" -> open(scope, target, request);
            case "close" -> close(scope, target, request);
            default -> drill(scope, target, request);
        }
        responses.respond(exchange, 200, status.target(target, clock.millis()));
    }

    /** True if a path is that of an action on some target. */
    static boolean isAction(String path) {
        return path.startsWith(PATH) && path.substring(PATH.length()).matches(".+/(open|close|drill)");
    }

    /**
     * Admits operators alone, and no request that a page of another site makes a browser send.
     *
     * @throws RequestRejected 403
     */
    static void admit(CallerScope scope, HttpServerRequest request) {
        if (!scope.isOperator()) {
            throw new RequestRejected(
                    403,
                    "permission_error",
                    "operators_only",
                    null,
                    "The key '" + scope.caller()
                            + "' may not operate targets; bactrian.server.operators names the keys that may.");
        }
        PageCookie.needSameOrigin(request);
    }

    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw RequestRejected.invalid("target", "The target's name cannot be decoded.");
        }
    }

    private void open(CallerScope scope, Target target, HttpServerRequest request) {
        Limits own = limits.resolve(null, target);
        for (Service service : Service.values()) {
            breakers.open(target.at(service), own);
        }
        audit.log(
                scope,
                request,
                target.name(),
                "breaker opened for " + own.breakerOpenFor().toMillis() + " ms");
    }

    private void close(CallerScope scope, Target target, HttpServerRequest request) {
        drills.end(target);
        for (Service service : Service.values()) {
            cooldowns.forget(target.at(service));
            breakers.close(target.at(service));
            healthBook.forget(target.at(service));
        }
        audit.log(scope, request, target.name(), "breaker closed");
    }

    private void drill(CallerScope scope, Target target, HttpServerRequest request) {
        String name = request.getParam("fault", "");
        if (name.equals("off")) {
            drills.end(target);
            audit.log(scope, request, target.name(), "drill ended");
            return;
        }
        DrillFault fault = DrillHeader.fault("fault", name);
        Duration requested = HeaderValues.timeout("for", request.getParam("for"));
        Duration time = requested == null ? DEFAULT_DRILL : requested;
        if (time.compareTo(MAX_DRILL) > 0) {
            throw RequestRejected.invalid("for", "A drill lasts 4h at most.");
        }
        long now = clock.millis();
        drills.begin(target, fault, now + time.toMillis(), now);
        audit.log(
                scope,
                request,
                target.name(),
                "drill with fault " + fault.name() + " begun for " + time.toMillis() + " ms");
    }
}
