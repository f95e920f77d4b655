package io.bactrian.web;

import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The consumer of an HTTP endpoint. It has the gate protect a route that does not begin with a step that checks keys, and keeps
 * the bytes of a body counted until its exchange is done.
 */
final class EndpointConsumer extends VertxPlatformHttpConsumer {
    private static final String READERS = "bactrian-read-";

    /** The first steps that check keys, or whose answers anyone may have. */
    private static final Set<String> STEPS = Set.of(
            "bactrian-models",
            "bactrian-root",
            "bactrian-status",
            "bactrian-metrics",
            "bactrian-live",
            "bactrian-ready",
            "bactrian-demo-fault",
            "bactrian-unknown",
            "bactrian-admin-target",
            "bactrian-page-root",
            "bactrian-page-events",
            "bactrian-page-login",
            "bactrian-page-logout",
            "bactrian-page-files");

    private final Gate gate;

    EndpointConsumer(PlatformHttpEndpoint endpoint, Processor processor, String router, Gate gate) {
        super(endpoint, processor, List.of(), router);
        this.gate = gate;
    }

    @Override
    protected void doStart() throws Exception {
        // A route knows only the consumer around this one.
        boolean checks = getEndpoint().getCamelContext().getRoutes().stream()
                .anyMatch(route -> route.getEndpoint() == getEndpoint() && checksKeys(route.getRoute()));
        if (!checks) {
            gate.protect(PathPattern.of(getEndpoint().getPath(), getEndpoint().isMatchOnUriPrefix()));
        }
        super.doStart();
    }

    private static boolean checksKeys(@Nullable NamedNode route) {
        if (!(route instanceof RouteDefinition definition)) {
            return false;
        }
        // What the route configuration adds, such as its error handling, is no step.
        return definition.getOutputs().stream()
                .filter(step -> !step.isAbstract())
                .findFirst()
                .map(first -> first instanceof ProcessDefinition process ? String.valueOf(process.getRef()) : "")
                .map(ref -> ref.startsWith(READERS) || STEPS.contains(ref))
                .orElse(false);
    }

    @Override
    protected Future<Void> processHttpRequest(Exchange exchange, RoutingContext context) {
        if (context.get(BodyReader.CLAIM) instanceof BodiesInFlight.Claim claim) {
            claim.follow(exchange);
        }
        return super.processHttpRequest(exchange, context);
    }
}
