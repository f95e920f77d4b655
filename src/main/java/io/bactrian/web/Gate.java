package io.bactrian.web;

import io.bactrian.config.Config;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The checks of a request whose head has come, for one generation: the host and the origin where callers need no key, the key at
 * routes that do not check it themselves, and whether a body is read. Thread-safe.
 */
final class Gate {
    private static final Set<String> HEALTH = Set.of("/health/live", "/health/ready");
    private static final String LOGIN = "/page/login";
    private static final Set<String> OPEN = Set.of("/", "/favicon.svg", LOGIN, "/page/logout");
    /** The most bytes of a body whose caller has no key. */
    private static final long MAX_OPEN_BODY = 16 << 10;

    private final Config.Server server;
    private final Admission admission;
    private final CallerProtocols protocols;
    private final HostNames hosts;
    /** The routes that do not check keys themselves. */
    private final List<PathPattern> foreign = new CopyOnWriteArrayList<>();

    private final List<PathPattern> open;

    Gate(Config.Server server, Admission admission, CallerProtocols protocols) {
        this.server = server;
        this.admission = admission;
        this.protocols = protocols;
        this.hosts = new HostNames(server.hosts());
        this.open = server.publicPaths().stream().map(PathPattern::of).toList();
    }

    /** Protects a route that does not check keys itself; a path in braces stands for any text. */
    void protect(PathPattern path) {
        foreign.add(path);
    }

    /**
     * Checks a request whose head has come.
     *
     * @throws RequestRejected 403 for a host or an origin that may not call, 401 if a key is missing
     */
    void check(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!admission.needsKey()) {
            if (!hosts.has(request) && !HEALTH.contains(path(context))) {
                throw HostNames.refused();
            }
            if (!PageOrigin.mayCall(request, server.cors())) {
                throw PageOrigin.refused(request);
            }
            return;
        }
        if (!foreign.isEmpty()) {
            String path = path(context);
            if (matches(foreign, path) && !matches(open, path) && !HEALTH.contains(path) && !OPEN.contains(path)) {
                needCaller(request);
            }
        }
    }

    /**
     * The caller of a request with a body; null if the body is not to be read: there is no such key, or the path or the header
     * will be refused.
     */
    @Nullable
    String callerWithBody(RoutingContext context) {
        if ("/".equals(context.currentRoute().getPath())) {
            // No other route takes the request, or it is one for the root.
            return null;
        }
        HttpServerRequest request = context.request();
        String path = path(context);
        if (isEndpoint(path)) {
            try {
                BodyDecoder.encodings(request.headers().getAll(BodyDecoder.HEADER));
            } catch (RequestRejected e) {
                return null;
            }
        }
        if (!admission.needsKey()) {
            return "";
        }
        if (path.equals(LOGIN) || matches(open, path)) {
            return "";
        }
        String key = ofKey(request);
        return key == null && !isEndpoint(path) ? ofSession(request) : key;
    }

    /** The most bytes of the body of a request. */
    long mostBytes(RoutingContext context) {
        long most = server.bounds().maxBody();
        return admission.needsKey() && path(context).equals(LOGIN) ? Math.min(MAX_OPEN_BODY, most) : most;
    }

    boolean severalCallers() {
        return server.keys().size() > 1;
    }

    private boolean isEndpoint(String path) {
        return protocols.all().stream().anyMatch(protocol -> path.startsWith(protocol.path()));
    }

    private void needCaller(HttpServerRequest request) {
        if (ofKey(request) != null) {
            return;
        }
        if (ofSession(request) == null) {
            admission.check(request.getHeader("authorization"), request.getHeader("x-api-key"));
        } else if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
            PageCookie.needSameOrigin(request);
        }
    }

    private @Nullable String ofKey(HttpServerRequest request) {
        return admission.caller(request.getHeader("authorization"), request.getHeader("x-api-key"));
    }

    private @Nullable String ofSession(HttpServerRequest request) {
        String session = PageCookie.of(request);
        return session == null ? null : admission.ofSession(session);
    }

    private static boolean matches(List<PathPattern> patterns, String path) {
        for (PathPattern pattern : patterns) {
            if (pattern.matches(path)) {
                return true;
            }
        }
        return false;
    }

    /** The path as the router sees it, without slashes at its end. */
    private static String path(RoutingContext context) {
        String path = context.normalizedPath();
        int end = path.length();
        while (end > 1 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }
}
