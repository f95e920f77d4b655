package io.bactrian.web;

import io.bactrian.page.Sessions;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/** The cookie with the session of the page, and the check that a browser's request comes from the page itself. Stateless. */
final class PageCookie {
    static final String NAME = "bactrian_session";

    private PageCookie() {}

    /** The session that a browser sends; null if it sends none. */
    static @Nullable String of(HttpServerRequest request) {
        Cookie cookie = request.getCookie(NAME);
        return cookie == null ? null : cookie.getValue();
    }

    /**
     * Sets the session, or ends it.
     *
     * @param session null to end it
     */
    static void set(HttpServerRequest request, @Nullable String session) {
        boolean secure = request.isSSL() || "https".equals(request.getHeader("x-forwarded-proto"));
        request.response()
                .putHeader(
                        "set-cookie",
                        "%s=%s; Max-Age=%d; Path=/; HttpOnly; SameSite=Strict%s"
                                .formatted(
                                        NAME,
                                        session == null ? "" : session,
                                        session == null ? 0 : Sessions.LASTS.toSeconds(),
                                        secure ? "; Secure" : ""));
    }

    /**
     * Checks that no page of another site or subdomain made a browser send the request. Browsers tell which page did by {@code
     * sec-fetch-site}, but only to servers with TLS or on their own machine; to all others by {@code origin}. Callers that are no
     * browsers do not say where it comes from.
     *
     * @throws RequestRejected 403 if one did
     */
    static void needSameOrigin(HttpServerRequest request) {
        String site = request.getHeader("sec-fetch-site");
        if (site != null ? !site.equals("same-origin") && !site.equals("none") : !isOwnOrigin(request)) {
            throw new RequestRejected(
                    403,
                    "permission_error",
                    "operators_only",
                    null,
                    "A page of another site may not do this."
                            + (site == null
                                    ? " A proxy in front of the gateway has to pass on the header 'host'."
                                    : ""));
        }
    }

    /** True if the origin, if there is one, is the server that the request names, or that a proxy says it named. */
    static boolean isOwnOrigin(HttpServerRequest request) {
        String origin = request.getHeader("origin");
        if (origin == null) {
            return true;
        }
        String server = origin.substring(origin.indexOf("://") < 0 ? 0 : origin.indexOf("://") + 3);
        HostAndPort named = request.authority();
        return server.equalsIgnoreCase(request.getHeader("x-forwarded-host"))
                || server.equalsIgnoreCase(request.getHeader("host"))
                || (named != null && server.equalsIgnoreCase(named.toString()));
    }
}
