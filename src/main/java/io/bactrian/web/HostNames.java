package io.bactrian.web;

import io.bactrian.config.Bound;
import io.bactrian.protocol.RequestRejected;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names under which a gateway without keys may be reached: {@code localhost}, loopback addresses, the address at which a
 * connection arrived, and those of the configuration. A page that makes its own name point to this machine has none of them.
 * Immutable.
 */
final class HostNames {
    private static final Pattern LOOPBACK = Pattern.compile("(?:::ffff:)?127(?:\\.\\d{1,3}){3}");

    private final List<String> named;

    /** @param named names without ports; {@code *.example.com} is all below a name, {@code *} is any */
    HostNames(List<String> named) {
        this.named = named.stream().map(HostNames::bare).toList();
    }

    /** True if the request names the gateway by one of them, or by none at all. */
    boolean has(HttpServerRequest request) {
        String host = request.getHeader("host");
        if (host == null) {
            HostAndPort authority = request.authority();
            host = authority == null ? "" : authority.host();
        }
        SocketAddress local = request.localAddress();
        return has(host, local == null ? null : local.hostAddress());
    }

    /**
     * @param host as in the header {@code Host}
     * @param local the address at which the connection arrived
     */
    boolean has(String host, @Nullable String local) {
        String name = bare(host);
        if (name.isEmpty() || name.equals("localhost") || name.endsWith(".localhost") || isLoopback(name)) {
            return true;
        }
        if (local != null && name.equals(bare(local))) {
            return true;
        }
        for (String one : named) {
            if (one.equals(name) || one.equals("*") || (one.startsWith("*.") && name.endsWith(one.substring(1)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLoopback(String name) {
        return LOOPBACK.matcher(name).matches() || name.equals("::1") || name.equals("0:0:0:0:0:0:0:1");
    }

    /** A name in lower case, without port, brackets, zone, or the dot at its end. */
    private static String bare(String host) {
        String name = host.strip().toLowerCase(Locale.ROOT);
        if (name.startsWith("[")) {
            int end = name.indexOf(']');
            name = end < 0 ? name : name.substring(1, end);
        } else if (name.indexOf(':') == name.lastIndexOf(':') && name.indexOf(':') >= 0) {
            name = name.substring(0, name.indexOf(':'));
        }
        int zone = name.indexOf('%');
        name = zone < 0 ? name : name.substring(0, zone);
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    static RequestRejected refused() {
        return new RequestRejected(
                        403,
                        "permission_error",
                        "host_not_allowed",
                        null,
                        "This gateway has no callers' keys and may be reached as localhost only. bactrian.server.hosts lists further"
                                + " names.")
                .at(Bound.HOST);
    }
}
