package io.bactrian.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** The grammars of URLs and hosts. */
final class Addresses {

    /**
     * Stricter than the drivers, whose messages about a URL quote the password in it. H2 needs a path that says where its file is.
     */
    private static final Pattern JDBC =
            Pattern.compile("jdbc:h2:((file:)?(\\.{1,2}/|~/|/|[A-Za-z]:[/\\\\])|(mem|tcp|ssl):)[^\\s;]+(;\\S*)?"
                    + "|jdbc:postgresql:(//HOST(,HOST)*/)?[^\\s?@/:]+(\\?\\S*)?"
                            .replace("HOST", "([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?"));

    private static final Pattern REDIS = Pattern.compile(
            "rediss?://([^\\s/@:?#]*:[^\\s/@?#]*@)?" + "([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:\\d{1,5})?(/\\d{1,5})?/?");

    private Addresses() {}

    /** A provider's base URL, without the slash at its end. */
    static URI baseUrl(String text) {
        String stripped = text.replaceFirst("/+$", "");
        URI uri = http(stripped, "an http or https URL, such as https://api.openai.com/v1");
        if (uri.getRawUserInfo() != null) {
            throw new BadValue("a base URL carries no secret; that goes to api-key");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new BadValue("a base URL ends before ? and #; parameters go to query.<name>");
        }
        for (String path : List.of("/chat/completions", "/messages")) {
            if (stripped.endsWith(path)) {
                throw new BadValue("a base URL ends before " + path);
            }
        }
        return uri;
    }

    static URI proxy(String text) {
        String right = "a proxy looks like http://host:port";
        URI uri = http(text.replaceFirst("/+$", ""), right);
        if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getPort() < 0) {
            throw new BadValue(right);
        }
        return uri;
    }

    /** A URL that is called as it stands, such as a webhook. */
    static URI url(String text) {
        return http(text, "an http or https URL");
    }

    /** The URL of a database, whose drivers are there. */
    static String jdbc(String text) {
        if (!JDBC.matcher(text).matches()) {
            throw new BadValue("a JDBC URL: jdbc:h2:./data/stale for a file, or jdbc:postgresql://host/database");
        }
        return text;
    }

    /** The URL of a store in which nodes share limits. */
    static String limitStore(String text) {
        boolean postgres =
                text.startsWith("jdbc:postgresql:") && JDBC.matcher(text).matches();
        if (!postgres && !redis(text)) {
            throw new BadValue("a URL: jdbc:postgresql://host/database?user=…&password=…, or redis://host:6379");
        }
        return text;
    }

    private static boolean redis(String text) {
        try {
            URI uri = new URI(text);
            return REDIS.matcher(text).matches() && uri.getHost() != null && uri.getPort() <= 65_535;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Origins that browsers may send, or {@code *} for all. */
    static List<String> origins(String text) {
        List<String> origins = ValueParsers.list(text);
        if (!origins.stream().allMatch(origin -> origin.matches("\\*|https?://[^/\\s]+"))) {
            throw new BadValue("an origin looks like https://app.example.com, without a path; * is all of them");
        }
        return origins;
    }

    static boolean loopback(String host) {
        String bare = host.replaceAll("[\\[\\]]", "").toLowerCase(Locale.ROOT);
        return bare.equals("localhost")
                || bare.endsWith(".localhost")
                || bare.equals("::1")
                || bare.matches("127(\\.\\d{1,3}){3}");
    }

    private static URI http(String text, String right) {
        try {
            URI uri = new URI(text);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getPort() <= 65_535) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below: the exception's message quotes the text, which may carry a secret.
        }
        throw new BadValue(right);
    }
}
