package io.bactrian.runtime;

import io.bactrian.config.Overrides;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * The properties of an engine in an application. Unlike a program of its own it asks nothing of a provider by itself, answers in no
 * provider's place, takes from no queue and follows no files, unless the application says so. Immutable.
 *
 * @param host the properties of the application that begin with {@code bactrian.}
 */
public record EmbeddedProperties(Map<String, String> host) {
    /** The key of {@link #enabled}. */
    public static final String ENABLED = "bactrian.embedded.enabled";

    private static final String HTTP = "bactrian.embedded.http";
    private static final String HTTP_HOST = "bactrian.embedded.host";
    private static final String HTTP_PORT = "bactrian.embedded.port";
    private static final String SERVER_HOST = "camel.server.host";
    private static final String SERVER_PORT = "camel.server.port";

    /** What holds unless the application says otherwise. */
    private static final Map<String, String> QUIET = Map.of(
            "bactrian.demo", "off",
            "bactrian.queue.enabled", "false",
            "bactrian.health.period", "0s",
            "bactrian.reload", "false");

    public EmbeddedProperties {
        host = Map.copyOf(host);
    }

    /** Whether the application has an engine; only {@code false} says that it has none. */
    public boolean enabled() {
        return !value(ENABLED).equals("false");
    }

    /** Whether the engine has an HTTP server. */
    boolean http() {
        return value(HTTP).equals("true");
    }

    private String value(String key) {
        return over(Map.of()).getOrDefault(key, "").strip().toLowerCase(Locale.ROOT);
    }

    /** The effective properties: the application's over the built-in ones; environment and command line over both. */
    Map<String, String> over(Map<String, String> builtIn) {
        Map<String, String> file = new LinkedHashMap<>(builtIn);
        file.putAll(QUIET);
        file.putAll(host);
        Map<String, String> system = new LinkedHashMap<>();
        Properties all = System.getProperties();
        for (String name : all.stringPropertyNames()) {
            system.put(name, all.getProperty(name));
        }
        Map<String, String> environment = new LinkedHashMap<>(System.getenv());
        // These are the application's.
        system.keySet().removeIf(key -> key.startsWith("camel."));
        environment.keySet().removeIf(variable -> variable.startsWith("CAMEL_"));
        Map<String, String> effective = new LinkedHashMap<>(Overrides.apply(file, system, environment));
        effective.keySet().removeIf(key -> key.startsWith("camel."));
        move(effective, HTTP_HOST, SERVER_HOST);
        move(effective, HTTP_PORT, SERVER_PORT);
        return effective;
    }

    /** A mistake in the names that the application has for keys of the program. */
    public static String inOwnWords(String mistake) {
        return mistake.replace(SERVER_HOST, HTTP_HOST).replace(SERVER_PORT, HTTP_PORT);
    }

    private static void move(Map<String, String> properties, String from, String to) {
        String value = properties.get(from);
        if (value != null) {
            properties.put(to, value);
        }
    }
}
