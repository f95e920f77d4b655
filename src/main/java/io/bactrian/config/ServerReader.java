package io.bactrian.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads {@code bactrian.server.*} and where Camel's server listens. */
final class ServerReader {

    private static final String KEYS = "bactrian.server.keys";
    private static final String LIMITS = "bactrian.server.limits.";
    private static final String LOOPBACK = "127.0.0.1";

    private final Settings settings;
    private final Report report;
    private final Set<String> chains;

    ServerReader(Settings settings, Report report, Set<String> chains) {
        this.chains = chains;
        this.settings = settings;
        this.report = report;
    }

    Config.Server read() {
        Map<String, String> keys = keys();
        String host = settings.text(Keys.HOST).orElse(keys.isEmpty() ? LOOPBACK : "0.0.0.0");
        if (keys.isEmpty() && !Addresses.loopback(host)) {
            report.notice(
                    "%s = %s, and no %s: anyone who reaches this machine can spend on your providers' keys; set %s = name:secret, or %s = %s"
                            .formatted(Keys.HOST, host, KEYS, KEYS, Keys.HOST, LOOPBACK));
        }
        return new Config.Server(
                host,
                settings.get(Keys.PORT, Values.integer(0, 65_535)).orElse(8080),
                keys,
                settings.get("bactrian.server.max-body", Values::size).orElse(20L << 20),
                settings.get("bactrian.server.max-in-flight", Values.integer(1)).orElse(20_000),
                settings.get("bactrian.server.cors", Addresses::origins).orElse(List.of()),
                limits(keys));
    }

    private Map<String, CallerLimits> limits(Map<String, String> keys) {
        Map<String, CallerLimits> limits = new LinkedHashMap<>();
        for (String name : settings.names(LIMITS)) {
            String prefix = LIMITS + name + ".";
            if (!keys.containsValue(name)) {
                report.mistake(
                        LIMITS + name,
                        keys.isEmpty()
                                ? "there are no callers' keys; set %s = %s:secret".formatted(KEYS, name)
                                : Nearest.unknown("key", name, keys.values()));
            }
            List<String> own = settings.get(prefix + "chains", Values::list).orElse(List.of());
            own.stream()
                    .filter(chain -> !chains.contains(chain))
                    .forEach(chain -> report.mistake(prefix + "chains", Nearest.unknown("chain", chain, chains)));
            limits.put(
                    name,
                    new CallerLimits(
                            settings.get(prefix + "requests-per-minute", Values.integer(1))
                                    .orElse(null),
                            settings.get(prefix + "tokens-per-minute", Values.integer(1))
                                    .orElse(null),
                            Set.copyOf(own)));
        }
        return limits;
    }

    /** The names of the callers' keys by the secret; no line of the report quotes a secret, or what may be one. */
    private Map<String, String> keys() {
        Map<String, String> nameBySecret = new LinkedHashMap<>();
        List<String> entries = settings.get(KEYS, Values::list).orElse(List.of());
        for (int i = 0; i < entries.size(); i++) {
            String[] entry = entries.get(i).split(":", 2);
            String name = entry[0].strip();
            String secret = entry.length < 2 ? "" : entry[1].strip();
            if (name.isEmpty() || secret.isEmpty() || !secret.matches("[\\x21-\\x7e]+")) {
                report.mistake(
                        KEYS, "entry %d is not name:secret (the secret in ASCII, without a space)".formatted(i + 1));
                continue;
            }
            if (nameBySecret.containsValue(name)) {
                report.mistake(KEYS, "the name %s stands there twice; each key has a name of its own".formatted(name));
            }
            String other = nameBySecret.putIfAbsent(secret, name);
            if (other != null) {
                report.mistake(KEYS, "%s and %s have the same secret; each key has its own".formatted(other, name));
            }
        }
        return nameBySecret;
    }
}
