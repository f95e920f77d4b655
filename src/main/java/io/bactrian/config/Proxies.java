package io.bactrian.config;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The proxy that the environment names, by the conventions of {@code HTTPS_PROXY} and {@code NO_PROXY}. */
final class Proxies {

    private final Map<String, String> environment;
    private final ConfigReport report;

    Proxies(Map<String, String> environment, ConfigReport report) {
        this.environment = environment;
        this.report = report;
    }

    /** The proxy for an https URL; none for hosts of this machine and those under {@code NO_PROXY}. */
    Optional<URI> of(URI baseUrl) {
        String host = baseUrl.getHost().toLowerCase(Locale.ROOT);
        if (!"https".equalsIgnoreCase(baseUrl.getScheme()) || Addresses.loopback(host) || direct(host, baseUrl)) {
            return Optional.empty();
        }
        return variable("HTTPS_PROXY").flatMap(this::proxy);
    }

    private Optional<URI> proxy(String text) {
        try {
            return Optional.of(Addresses.proxy(text.contains("://") ? text : "http://" + text));
        } catch (BadValue e) {
            report.mistake("HTTPS_PROXY of the environment", text, e.right());
            return Optional.empty();
        }
    }

    private boolean direct(String host, URI baseUrl) {
        List<String> entries = variable("NO_PROXY").map(ValueParsers::list).orElse(List.of());
        int port = baseUrl.getPort() < 0 ? 443 : baseUrl.getPort();
        return entries.stream()
                .map(entry -> entry.toLowerCase(Locale.ROOT))
                .map(entry -> entry.endsWith(":" + port) ? entry.substring(0, entry.lastIndexOf(':')) : entry)
                .map(entry -> entry.replaceFirst("^\\*?\\.", ""))
                .anyMatch(entry -> entry.equals("*") || host.equals(entry) || host.endsWith("." + entry));
    }

    private Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(text -> !text.isBlank())
                .or(() -> Optional.ofNullable(environment.get(name.toLowerCase(Locale.ROOT))))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }
}
