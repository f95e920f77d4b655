package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.config.Config;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.ResponseHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The handlers of the HTTP server beside the endpoints: errors that Vert.x detects, forms, and CORS. Thread-safe. */
final class ServerHandlers {
    /** The time for which a browser remembers a preflight. */
    private static final int PREFLIGHT_SECONDS = 3600;

    private static final Set<String> EXPOSED = Set.of(
            ResponseHeaders.TARGET,
            ResponseHeaders.ATTEMPTS,
            ResponseHeaders.SKIPPED,
            ResponseHeaders.FALLBACKS,
            ResponseHeaders.DEGRADED,
            ResponseHeaders.QUALITY,
            ResponseHeaders.DROPPED,
            ResponseHeaders.DRILL,
            ResponseHeaders.DEMO,
            ResponseHeaders.ESTIMATE,
            "age",
            "retry-after");

    private final CallerProtocols protocols;
    private final Consumer<Bound> bounds;

    ServerHandlers(CallerProtocols protocols, Consumer<Bound> bounds) {
        this.protocols = protocols;
        this.bounds = bounds;
    }

    void reached(Bound bound) {
        bounds.accept(bound);
    }

    /** The response to a request that no handler sees, whole as on the wire; the connection ends with it. */
    ByteBuf response(String path, RequestRejected rejected) {
        Problem problem = Problem.of(rejected);
        CallerProtocol protocol = protocols.of(path.split("[?#]", 2)[0]);
        String id = Ids.ofRequest(null);
        byte[] body = Json.bytes(protocol.error(problem, id));
        HttpResponseStatus status = HttpResponseStatus.valueOf(protocol.status(problem));
        StringBuilder head = new StringBuilder("HTTP/1.1 ")
                .append(status)
                .append("\r\ncontent-type: application/json\r\ncontent-length: ")
                .append(body.length)
                .append("\r\nconnection: close\r\n");
        ResponseHeaders.ids(protocol, id)
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        return Unpooled.wrappedBuffer(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1), body);
    }

    /** The handler that allows calls from pages of the configured origins; null if there are none. */
    static @Nullable CorsHandler cors(Config.Server server, CallerProtocols protocols) {
        if (server.cors().isEmpty()) {
            return null;
        }
        Set<String> exposed = new HashSet<>(EXPOSED);
        CallerLimitHeaders.names(protocols).forEach(exposed::add);
        protocols.all().forEach(protocol -> exposed.addAll(protocol.requestIdHeaders()));
        CorsHandler cors = CorsHandler.create()
                .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.OPTIONS))
                .maxAgeSeconds(PREFLIGHT_SECONDS)
                .exposedHeaders(exposed);
        server.cors().forEach(origin -> {
            if (origin.equals("*")) {
                cors.addOriginWithRegex(".*");
            } else {
                cors.addOrigin(origin);
            }
        });
        return cors;
    }

    /** Hides that a body is a form: Vert.x would write its files to disk before the caller's key is checked. */
    static void noForms(RoutingContext context) {
        String type = context.request().getHeader("content-type");
        String lower = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
        if (lower.startsWith("multipart/") || lower.startsWith("application/x-www-form")) {
            context.request().headers().remove("content-type");
        }
        context.next();
    }

    /** Writes the error that Vert.x detects before a route is called, such as a body over the limit. */
    void failed(RoutingContext context) {
        if (context.response().ended() || context.response().headWritten()) {
            return;
        }
        if (context.failure() instanceof RequestRejected rejected) {
            respond(context, rejected);
            return;
        }
        respond(context, rejection(context, context.statusCode() < 400 ? 500 : context.statusCode()));
    }

    private static RequestRejected rejection(RoutingContext context, int status) {
        String origin = context.request().getHeader("origin");
        if (status == 413) {
            return BodyReader.tooLarge();
        }
        if (status == 403 && origin != null) {
            return PageOrigin.refused(origin);
        }
        return new RequestRejected(
                status,
                status < 500 ? "invalid_request_error" : "server_error",
                null,
                null,
                "The request cannot be served.");
    }

    /** Rejects a request because the gateway is stopping. */
    void stopping(RoutingContext context) {
        HttpMethod method = context.request().method();
        if (context.normalizedPath().equals("/health/live")
                && (method == HttpMethod.GET || method == HttpMethod.HEAD)) {
            // It lives until its last request is answered.
            context.response().putHeader("content-type", "application/json");
            Http.end(context.request(), "{\"status\":\"UP\"}".getBytes(StandardCharsets.US_ASCII));
            return;
        }
        respond(
                context,
                new RequestRejected(503, "service_unavailable_error", "stopping", null, "The gateway is stopping."));
    }

    /** Rejects a request before any route has seen it, and has the bound counted that it reached. */
    void respond(RoutingContext context, RequestRejected rejected) {
        rejected.count(bounds);
        if (rejected.status() == 503) {
            context.response().putHeader("retry-after", "1");
        }
        Problem problem = Problem.of(rejected);
        CallerProtocol protocol = Http.protocol(protocols, context.request());
        String id = Http.id(context.request());
        HttpServerResponse response = context.response();
        response.setStatusCode(protocol.status(problem)).putHeader("content-type", "application/json");
        ResponseHeaders.ids(protocol, id).forEach(response::putHeader);
        Http.end(context.request(), Json.bytes(protocol.error(problem, id)));
    }
}
