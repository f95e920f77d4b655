package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The check of the page that made a browser send a request, where no key shows that the caller meant it. Stateless. */
final class PageOrigin {
    private static final int MAX_LENGTH = 200;

    private PageOrigin() {}

    /**
     * True unless a page of another origin made a browser send the request, which that origin may not.
     *
     * @param allowed the origins whose pages may call; {@code *} is all
     */
    static boolean mayCall(HttpServerRequest request, List<String> allowed) {
        String origin = request.getHeader("origin");
        if (origin != null) {
            return allowed.contains("*") || allowed.contains(origin) || PageCookie.isOwnOrigin(request);
        }
        boolean elsewhere = "cross-site".equals(request.getHeader("sec-fetch-site"));
        return !elsewhere || allowed.contains("*") || isLink(request);
    }

    /** True if a link to the page was followed. */
    private static boolean isLink(HttpServerRequest request) {
        return request.method() == HttpMethod.GET
                && "/".equals(request.path())
                && "navigate".equals(request.getHeader("sec-fetch-mode"))
                && "document".equals(request.getHeader("sec-fetch-dest"));
    }

    static RequestRejected refused(HttpServerRequest request) {
        return refused(request.getHeader("origin"));
    }

    /** @param origin null if the browser did not tell it */
    static RequestRejected refused(@Nullable String origin) {
        String named = origin == null ? "another site" : "the origin " + shortened(origin);
        return new RequestRejected(
                        403,
                        "permission_error",
                        "origin_not_allowed",
                        null,
                        "Pages of " + named
                                + " may not call this gateway. bactrian.server.cors lists the origins that may.")
                .at(Bound.ORIGIN);
    }

    private static String shortened(String origin) {
        return origin.length() <= MAX_LENGTH ? origin : origin.substring(0, MAX_LENGTH) + "…";
    }
}
