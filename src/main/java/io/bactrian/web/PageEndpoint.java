package io.bactrian.web;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.page.LoginLimit;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.routing.CallerScope;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The endpoints of the live page: its files, login and logout, and the stream of its data. Thread-safe. */
public final class PageEndpoint {
    private static final String FOLDER = "/page/";
    private static final int MAX_LOGIN_BYTES = 4_096;

    private final PageFiles files = new PageFiles();
    private final ChatEndpoints endpoints;
    private final StatusEndpoints status;
    private final PageFeed feed;
    private final LoginLimit logins;

    public PageEndpoint(ChatEndpoints endpoints, StatusEndpoints status, PageFeed feed, LoginLimit logins) {
        this.endpoints = endpoints;
        this.status = status;
        this.feed = feed;
        this.logins = logins;
    }

    /** Responds with the page to a browser, and with what this server is to all others; needs no key. */
    public void root(Exchange exchange) {
        HttpServerRequest request = Http.request(exchange);
        request.response().headers().add("vary", "Accept");
        boolean routed = exchange.getContext().getRoute("page-files") != null;
        if (!routed
                || !request.path().equals("/")
                || !prefersHtml(request.getHeader("accept"))
                || !files.respond(request, PageFiles.INDEX)) {
            status.root(exchange);
        }
    }

    /** True if a header names HTML, and nothing of JSON that it likes more. */
    static boolean prefersHtml(@Nullable String accept) {
        double html = 0;
        double json = 0;
        for (String range : accept == null ? new String[0] : accept.split(",")) {
            String[] parts = range.strip().split("\\s*;\\s*");
            switch (parts[0]) {
                case "text/html" -> html = quality(parts);
                case "application/json" -> json = quality(parts);
                default -> {}
            }
        }
        return html > 0 && html >= json;
    }

    private static double quality(String[] parts) {
        for (String part : parts) {
            if (part.matches("q=[01](\\.\\d{0,3})?")) {
                return Double.parseDouble(part.substring(2));
            }
        }
        return 1;
    }

    /**
     * Responds with a file of the page; needs no key.
     *
     * @throws RequestRejected 404 if there is none of that name
     */
    public void file(Exchange exchange) {
        Http.identify(exchange);
        HttpServerRequest request = Http.request(exchange);
        String path = request.path();
        String name = path.startsWith(FOLDER) ? path.substring(FOLDER.length()) : path.substring(1);
        if (name.equals(PageFiles.INDEX) || !files.respond(request, name)) {
            throw new RequestRejected(404, "invalid_request_error", "unknown_url", null, "There is no such file.");
        }
    }

    /**
     * Begins a session of the caller whose key the body has; does nothing where callers need no key.
     *
     * @throws RequestRejected 401 if there is no such key, 429 if there were too many wrong ones
     */
    public void login(Exchange exchange) {
        Http.identify(exchange);
        HttpServerRequest request = Http.request(exchange);
        PageCookie.needSameOrigin(request);
        if (!endpoints.admission().needsKey()) {
            request.response().setStatusCode(204).end();
            return;
        }
        String address = OperatorLog.peer(request);
        long wait = logins.waitMillis(address);
        if (wait > 0) {
            throw RequestRejected.tooFast("requests", "Too many wrong keys. Wait before the next attempt.", wait);
        }
        String session = endpoints.admission().logIn(key(Http.body(exchange)));
        if (session == null) {
            logins.wrong(address);
            OperatorLog.wrongKey(request);
            throw new RequestRejected(401, "invalid_request_error", "invalid_api_key", null, "The key is unknown.");
        }
        logins.right(address);
        OperatorLog.session(String.valueOf(endpoints.admission().ofSession(session)), request, "logged in");
        PageCookie.set(request, session);
        request.response()
                .putHeader("cache-control", "no-store")
                .setStatusCode(204)
                .end();
    }

    /** The key in a form or a JSON object. */
    private static String key(byte[] body) {
        if (body.length > MAX_LOGIN_BYTES) {
            throw RequestRejected.invalid("key", "The body is too large for a key.");
        }
        String text = new String(body, StandardCharsets.UTF_8).strip();
        if (text.startsWith("{")) {
            JsonNode json = Json.parse(body);
            return json == null ? "" : json.path("key").asText("");
        }
        for (String field : text.split("&")) {
            if (field.startsWith("key=")) {
                try {
                    return URLDecoder.decode(field.substring("key=".length()), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    return "";
                }
            }
        }
        return "";
    }

    /** Ends the session. */
    public void logout(Exchange exchange) {
        Http.identify(exchange);
        HttpServerRequest request = Http.request(exchange);
        PageCookie.needSameOrigin(request);
        String session = PageCookie.of(request);
        if (session != null) {
            String caller = endpoints.admission().ofSession(session);
            endpoints.admission().logOut(session);
            if (caller != null) {
                OperatorLog.session(caller, request, "logged out");
            }
        }
        PageCookie.set(request, null);
        request.response().setStatusCode(204).end();
    }

    /**
     * Streams snapshots and events until the page is closed.
     *
     * @throws RequestRejected 401 without a key or session, 503 if too many pages are open
     */
    public void events(Exchange exchange) {
        CallerScope scope = endpoints.pageScope(exchange);
        HttpServerRequest request = Http.request(exchange);
        if (request.method() == HttpMethod.HEAD) {
            request.response().putHeader("content-type", "text/event-stream").end();
            return;
        }
        String session = endpoints.pageSession(exchange);
        feed.serve(
                request, scope, () -> session == null || endpoints.admission().ofSession(session) != null);
    }
}
