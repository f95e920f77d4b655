package io.bactrian.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of endpoint URIs in words that hold no secret. Stateless. */
public final class PlaceNames {
    private static final Pattern WITH_HOST = Pattern.compile("([a-zA-Z0-9.+-]+)://(?:[^/@]*@)?([^/]*).*");

    private PlaceNames() {}

    /** The name of an endpoint: without its options, and of an address with a host only scheme and host. */
    public static String of(String uri) {
        String bare = uri.replaceFirst("(?s)\\?.*", "");
        Matcher host = WITH_HOST.matcher(bare);
        if (host.matches()) {
            return host.group(1) + "://" + host.group(2);
        }
        return bare.contains("@") ? scheme(uri) + ":…" : bare;
    }

    /** The scheme of an endpoint URI. */
    public static String scheme(String uri) {
        return uri.replaceFirst("(?s):.*", "");
    }
}
