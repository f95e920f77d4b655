package io.bactrian.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A mail server and the people to write to, from {@code smtp://host:port?to=…&username=…&password=…}. Immutable.
 *
 * @param server such as {@code smtps://mail.example.com:465}
 * @param username empty if the server asks for none
 * @param password a secret; empty if the server asks for none
 * @param options {@code to}, and what else was written; never the password
 */
public record MailAddress(String server, String username, String password, Map<String, String> options) {
    private static final String RIGHT = "a mail server and a recipient, such as"
            + " smtp://mail.example.com:587?to=ops@example.com&username=…&password=…&mail.smtp.starttls.enable=true";

    public MailAddress {
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    static MailAddress of(String text) {
        URI uri;
        try {
            uri = new URI(text.replace(" ", "%20"));
        } catch (URISyntaxException e) {
            // The message of the exception quotes the text, which has a password.
            throw new BadValue(RIGHT);
        }
        boolean smtp = "smtp".equals(uri.getScheme()) || "smtps".equals(uri.getScheme());
        if (!smtp || uri.getHost() == null || uri.getUserInfo() != null || uri.getRawQuery() == null) {
            throw new BadValue(RIGHT);
        }
        Map<String, String> options = new LinkedHashMap<>();
        for (String part : uri.getRawQuery().split("&", -1)) {
            String[] pair = part.split("=", 2);
            options.put(decode(pair[0]), pair.length < 2 ? "" : decode(pair[1]));
        }
        String username = Objects.requireNonNullElse(options.remove("username"), "");
        String password = Objects.requireNonNullElse(options.remove("password"), "");
        if (!options.getOrDefault("to", "").matches("[^@\\s]+@[^@\\s]+(,\\s*[^@\\s]+@[^@\\s]+)*")) {
            throw new BadValue(RIGHT);
        }
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        return new MailAddress(uri.getScheme() + "://" + uri.getHost() + port, username, password, options);
    }

    private static String decode(String text) {
        try {
            // A plus sign stands for itself: it is common in the part of an address before the @.
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new BadValue(RIGHT);
        }
    }

    @Override
    public String toString() {
        return "MailAddress[" + server + "]";
    }
}
