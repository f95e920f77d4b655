package io.bactrian.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The reader of {@code bactrian.server.*} and of the host and port of Camel's server. */
final class ServerReader {

    private static final String KEYS = "bactrian.server.keys";
    private static final String LIMITS = "bactrian.server.limits.";
    private static final String LOOPBACK = "127.0.0.1";

    private final RawProperties raw;
    private final ConfigReport report;
    private final Set<String> chains;

    ServerReader(RawProperties raw, ConfigReport report, Set<String> chains) {
        this.chains = chains;
        this.raw = raw;
        this.report = report;
    }

    Config.Server read() {
        Map<String, String> keys = keys();
        String host = raw.text(PropertyKeys.HOST).orElse(keys.isEmpty() ? LOOPBACK : "0.0.0.0");
        if (keys.isEmpty() && !Addresses.loopback(host)) {
            report.notice(
                    "%s = %s, and no %s: anyone who reaches this machine can spend on your providers' keys; set %s = name:secret, or %s = %s"
                            .formatted(PropertyKeys.HOST, host, KEYS, KEYS, PropertyKeys.HOST, LOOPBACK));
        }
        return new Config.Server(
                host,
                raw.get(PropertyKeys.PORT, Ranges.PORT).orElse(8080),
                keys,
                raw.get("bactrian.server.max-body", Ranges.BODY_SIZE).orElse(32L << 20),
                raw.get("bactrian.server.max-in-flight", Ranges.REQUESTS_IN_FLIGHT)
                        .orElse(20_000),
                raw.get("bactrian.server.cors", Addresses::origins).orElse(List.of()),
                limits(keys));
    }

    private Map<String, CallerLimits> limits(Map<String, String> keys) {
        Map<String, CallerLimits> limits = new LinkedHashMap<>();
        for (String name : raw.names(LIMITS)) {
            String prefix = LIMITS + name + ".";
            if (!keys.containsValue(name)) {
                report.mistake(
                        LIMITS + name,
                        keys.isEmpty()
                                ? "there are no callers' keys; set %s = %s:secret".formatted(KEYS, name)
                                : Suggestions.unknown("key", name, keys.values()));
            }
            List<String> own = raw.get(prefix + "chains", ValueParsers::list).orElse(List.of());
            own.stream()
                    .filter(chain -> !chains.contains(chain))
                    .forEach(chain -> report.mistake(prefix + "chains", Suggestions.unknown("chain", chain, chains)));
            limits.put(
                    name,
                    new CallerLimits(
                            raw.get(prefix + "requests-per-minute", Ranges.REQUESTS_PER_MINUTE)
                                    .orElse(null),
                            raw.get(prefix + "tokens-per-minute", Ranges.TOKENS_PER_MINUTE)
                                    .orElse(null),
                            Set.copyOf(own)));
        }
        return limits;
    }

    /** The names of the callers' keys by the secret; no line of the report quotes a secret, or what may be one. */
    private Map<String, String> keys() {
        Map<String, String> nameBySecret = new LinkedHashMap<>();
        List<String> entries = raw.get(KEYS, ValueParsers::list).orElse(List.of());
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
                report.mistake(KEYS, "the name %s is used twice; each key needs its own name".formatted(name));
            }
            String other = nameBySecret.putIfAbsent(secret, name);
            if (other != null) {
                report.mistake(KEYS, "%s and %s have the same secret; each key needs its own".formatted(other, name));
            }
        }
        return nameBySecret;
    }
}
