package io.bactrian.web;

import io.bactrian.chat.Dialect;
import io.bactrian.chat.Json;
import io.bactrian.chat.Labels;
import io.bactrian.chat.Problem;
import io.bactrian.chat.Refusal;
import io.bactrian.config.Config;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;

/** What the HTTP server needs beside the doors: errors that Vert.x itself finds, origins of browsers. */
public final class Extras {
    private static final int FIRST = Integer.MIN_VALUE;

    private Extras() {}

    /** Completes the server before it has any route, so that no request gets by. */
    public static void complete(CamelContext context, Config.Server server) {
        context.getManagementStrategy().addEventNotifier(new SimpleEventNotifierSupport() {
            @Override
            public void notify(CamelEvent event) {
                if (event instanceof CamelEvent.CamelContextRoutesStartingEvent) {
                    complete(router(context, server.port()), server);
                }
            }
        });
    }

    private static void complete(VertxPlatformHttpRouter router, Config.Server server) {
        router.route().order(FIRST).failureHandler(Extras::failed);
        router.route().order(FIRST).handler(Extras::noForms);
        if (!server.cors().isEmpty()) {
            Set<String> exposed = new HashSet<>(Set.of(
                    Labels.REQUEST_ID,
                    Labels.ANTHROPIC_REQUEST_ID,
                    Labels.TARGET,
                    Labels.ATTEMPTS,
                    Labels.SKIPPED,
                    Labels.FALLBACKS,
                    Labels.DEGRADED,
                    Labels.QUALITY,
                    Labels.DROPPED,
                    Labels.DRILL,
                    Labels.DEMO,
                    "retry-after"));
            LimitHeaders.names().forEach(exposed::add);
            CorsHandler cors = CorsHandler.create()
                    .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.OPTIONS))
                    .exposedHeaders(exposed);
            server.cors().forEach(origin -> {
                if (origin.equals("*")) {
                    cors.addOriginWithRegex(".*");
                } else {
                    cors.addOrigin(origin);
                }
            });
            router.route().order(FIRST).handler(cors);
        }
    }

    /** The port the server listens on. */
    public static int port(CamelContext context) {
        VertxPlatformHttpServer server = context.hasService(VertxPlatformHttpServer.class);
        return server == null ? 0 : server.getPort();
    }

    private static VertxPlatformHttpRouter router(CamelContext context, int port) {
        return VertxPlatformHttpRouter.lookup(context, VertxPlatformHttpRouter.getRouterNameFromPort(port));
    }

    /** Hides that a body is a form: Vert.x would write its files to disk, before anybody is asked for a key. */
    private static void noForms(RoutingContext context) {
        String type = context.request().getHeader("content-type");
        String lower = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
        if (lower.startsWith("multipart/") || lower.startsWith("application/x-www-form")) {
            context.request().headers().remove("content-type");
        }
        context.next();
    }

    /** What Vert.x finds wrong before any route is asked, such as a body over the limit. */
    private static void failed(RoutingContext context) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        int status = context.statusCode() < 400 ? 500 : context.statusCode();
        Refusal refusal = status == 413
                ? new Refusal(413, "invalid_request_error", "request_too_large", null, "The request body is too large.")
                : new Refusal(
                        status,
                        status < 500 ? "invalid_request_error" : "server_error",
                        null,
                        null,
                        "The request cannot be served.");
        Problem problem = Problem.of(refusal);
        Dialect dialect = Http.dialect(context.request());
        String id = Http.id(context.request());
        HttpServerResponse response = context.response();
        response.setStatusCode(problem.status(dialect)).putHeader("content-type", "application/json");
        Labels.ids(dialect, id).forEach(response::putHeader);
        response.end(Buffer.buffer(Json.bytes(problem.document(dialect, id))));
    }
}
