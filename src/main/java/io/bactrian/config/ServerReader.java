package io.bactrian.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The reader of {@code bactrian.server.*} and of the host and port of Camel's server. */
final class ServerReader {

    private static final String KEYS = "bactrian.server.keys";
    private static final String OPERATORS = "bactrian.server.operators";
    private static final String OPEN = "bactrian.server.open";
    private static final String LIMITS = "bactrian.server.limits.";
    private static final String LOOPBACK = "127.0.0.1";
    private static final ValueParser<Integer> COUNT = ValueParsers.integer(1, 100_000_000);
    private static final ValueParser<Duration> TIMEOUT = Durations.between("1s", "1h");

    /** The keys of the bounds of requests, as the table of property keys has them. */
    static final List<PropertyKey> BOUNDS = List.of(
            PropertyKey.of("bactrian.server.max-body", Ranges.BODY_SIZE),
            PropertyKey.of("bactrian.server.max-bodies", Ranges.BODY_SIZE),
            PropertyKey.of("bactrian.server.max-nodes", COUNT),
            PropertyKey.of("bactrian.server.max-depth", Ranges.DEPTH),
            PropertyKey.of("bactrian.server.max-fallbacks", Ranges.FALLBACKS),
            PropertyKey.of("bactrian.server.max-schema", Ranges.BODY_SIZE),
            PropertyKey.of("bactrian.server.max-schema-steps", COUNT),
            PropertyKey.of("bactrian.server.max-waiting", Ranges.REQUESTS_IN_FLIGHT),
            PropertyKey.of("bactrian.server.head-timeout", TIMEOUT),
            PropertyKey.of("bactrian.server.body-timeout", TIMEOUT));

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
        Map<String, CallerLimits> limits = limits(keys);
        return new Config.Server(
                host,
                raw.get(PropertyKeys.PORT, Ranges.PORT).orElse(8080),
                keys,
                operators(keys, limits),
                raw.get(OPEN, ValueParsers::bool).orElse(false),
                raw.get("bactrian.server.hosts", ValueParsers::list).orElse(List.of()),
                bounds(),
                raw.get("bactrian.server.max-in-flight", Ranges.REQUESTS_IN_FLIGHT)
                        .orElse(20_000),
                raw.get("bactrian.server.cors", Addresses::origins).orElse(List.of()),
                raw.get("bactrian.server.public", ValueParsers::list).orElse(List.of()),
                limits,
                raw.text("bactrian.shared.limits").orElse(""));
    }

    private RequestBounds bounds() {
        RequestBounds usual = RequestBounds.USUAL;
        return new RequestBounds(
                raw.get("bactrian.server.max-body", Ranges.BODY_SIZE).orElse(usual.maxBody()),
                raw.get("bactrian.server.max-bodies", Ranges.BODY_SIZE).orElse(usual.maxBodies()),
                raw.get("bactrian.server.max-nodes", COUNT).orElse(usual.maxNodes()),
                raw.get("bactrian.server.max-depth", Ranges.DEPTH).orElse(usual.maxDepth()),
                raw.get("bactrian.server.max-fallbacks", Ranges.FALLBACKS).orElse(usual.maxFallbacks()),
                raw.get("bactrian.server.max-schema", Ranges.BODY_SIZE).orElse(usual.maxSchema()),
                raw.get("bactrian.server.max-schema-steps", COUNT).orElse(usual.maxSchemaSteps()),
                raw.get("bactrian.server.max-waiting", Ranges.REQUESTS_IN_FLIGHT)
                        .orElse(usual.maxWaiting()),
                raw.get("bactrian.server.head-timeout", TIMEOUT).orElse(usual.headTimeout()),
                raw.get("bactrian.server.body-timeout", TIMEOUT).orElse(usual.bodyTimeout()));
    }

    /** The names of the keys that may operate: unless they are named, the first one, if it is not limited to certain chains. */
    private Set<String> operators(Map<String, String> keys, Map<String, CallerLimits> limits) {
        List<String> named = raw.get(OPERATORS, ValueParsers::list).orElse(List.of());
        named.stream()
                .filter(name -> !keys.containsValue(name))
                .forEach(name -> report.mistake(
                        OPERATORS,
                        keys.isEmpty()
                                ? "there are no callers' keys; set %s = %s:secret".formatted(KEYS, name)
                                : Suggestions.unknown("key", name, keys.values())));
        return named.isEmpty()
                ? keys.values().stream()
                        .limit(1)
                        .filter(first -> !limits.containsKey(first)
                                || limits.get(first).chains().isEmpty())
                        .collect(Collectors.toSet())
                : Set.copyOf(named);
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
