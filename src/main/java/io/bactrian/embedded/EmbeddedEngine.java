package io.bactrian.embedded;

import io.bactrian.api.EngineStartException;
import io.bactrian.routing.OwnContexts;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.EmbeddedProperties;
import io.bactrian.runtime.StartupErrors;
import java.util.List;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.service.ServiceHelper;
import org.jspecify.annotations.Nullable;

/**
 * The engine of one Camel context of an application, in contexts of its own. It starts before the routes of the application, and stops
 * after them. For one thread at a time, as Camel starts and stops a context.
 */
final class EmbeddedEngine extends LifecycleStrategySupport {
    private static final String CHAT = "direct:chat";

    private @Nullable Application engine;
    private @Nullable Consumer consumer;

    /** @throws EngineStartException if it cannot start; neither does the application, then */
    @Override
    public void onContextStarting(CamelContext host) {
        if (engine != null || OwnContexts.contains(host)) {
            return;
        }
        EmbeddedProperties properties = HostProperties.of(host);
        if (!properties.enabled()) {
            return;
        }
        Application made = made(properties);
        try {
            made.prepare(true);
            needAddress(host);
            made.start();
            consumer = open(host, made);
            engine = made;
        } catch (Exception | LinkageError e) {
            List<String> mistakes = mistakes(made, e);
            made.closeNow();
            throw new EngineStartException(mistakes, e);
        }
    }

    private static Application made(EmbeddedProperties properties) {
        try {
            return Application.embedded(properties);
        } catch (LinkageError e) {
            throw new EngineStartException(List.of(missing(e)), e);
        }
    }

    private static List<String> mistakes(Application engine, Throwable thrown) {
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof ClassNotFoundException || t instanceof LinkageError) {
                return List.of(missing(t));
            }
        }
        return engine.mistakes(thrown).stream()
                .map(EmbeddedProperties::inOwnWords)
                .toList();
    }

    private static String missing(Throwable thrown) {
        return "a jar is missing, or too old: " + StartupErrors.root(thrown) + " (docs/embedding.md#dependencies)";
    }

    /** Rejects a route of the application at the address of the engine; Camel would say later that there are two. */
    private static void needAddress(CamelContext host) {
        Model model = host.getCamelContextExtension().getContextPlugin(Model.class);
        Optional<RouteDefinition> other = model.getRouteDefinitions().stream()
                .filter(route -> address(host, route).equals(CHAT))
                .findFirst();
        if (other.isPresent()) {
            throw new IllegalStateException(
                    "The route " + other.get().getId() + " of the application consumes from " + CHAT
                            + ", which is the engine's address; choose another one, or set bactrian.embedded.enabled = false");
        }
    }

    private static String address(CamelContext host, RouteDefinition route) {
        try {
            return host.resolvePropertyPlaceholders(
                            String.valueOf(route.getInput().getEndpointUri()))
                    .replaceFirst("\\?.*", "")
                    .replaceFirst("^direct:/+", "direct:");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** A consumer without a route, so that no error handler, policy or interceptor of the application stands in between. */
    private static Consumer open(CamelContext host, Application engine) throws Exception {
        Consumer opened = host.getEndpoint(CHAT).createConsumer(new ChatBridge(engine.context()));
        ServiceHelper.startService(opened);
        return opened;
    }

    @Override
    public void onContextStopping(CamelContext host) {
        Application running = engine;
        if (running != null) {
            running.waitNoMore();
        }
    }

    @Override
    public void onContextStopped(CamelContext host) {
        Application running = engine;
        engine = null;
        ServiceHelper.stopAndShutdownService(consumer);
        consumer = null;
        if (running != null) {
            running.closeNow();
        }
    }
}
