package io.bactrian.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The table of property keys. */
final class Keys {

    /** When simulated providers stand in. */
    enum Demo {
        AUTO,
        ON,
        OFF
    }

    static final String PORT = "camel.server.port";
    static final String HOST = "camel.server.host";

    private static final List<Key> MODELS = List.of(
            Key.of("bactrian.providers.<p>.api", Values.choice(Api.class)),
            Key.of("bactrian.providers.<p>.base-url", Addresses::baseUrl),
            Key.secret("bactrian.providers.<p>.api-key", Values::secrets),
            Key.of("bactrian.providers.<p>.keyless", Values::bool),
            Key.of("bactrian.providers.<p>.auth", Values.choice(Auth.class)),
            Key.secret("bactrian.providers.<p>.headers.<name*>", Values::header),
            Key.secret("bactrian.providers.<p>.query.<name*>", Values::text),
            Key.of("bactrian.providers.<p>.max-connections", Values.integer(1)),
            Key.of("bactrian.providers.<p>.proxy", Addresses::proxy),
            Key.of("bactrian.targets.<t>.provider", Values::text),
            Key.of("bactrian.targets.<t>.model", Values::text),
            Key.of("bactrian.targets.<t>.body.<field*>", Values::json),
            Key.of("bactrian.targets.<t>.max-tokens", Values.integer(1)),
            Key.of("bactrian.targets.<t>.thinks", Values::bool),
            Key.of("bactrian.targets.<t>.quality", Values::share),
            Key.of("bactrian.targets.<t>.context-tokens", Values.integer(1)),
            Key.of("bactrian.targets.<t>.max-output-tokens", Values.integer(1)),
            Key.of("bactrian.targets.<t>.supports", Values::features),
            Key.of("bactrian.targets.<t>.price-input", Values::price),
            Key.of("bactrian.targets.<t>.price-output", Values::price),
            Key.of("bactrian.chains.<c>", Values::text),
            Key.of("bactrian.chains-options.<c>.order", Values.choice(Chain.Order.class)),
            Key.of("bactrian.chains-options.<c>.stale-tools", Values::bool),
            Key.of("bactrian.stale.max-age", Durations::positive),
            Key.of("bactrian.stale.max-entries", Values.integer(1)),
            Key.secret("bactrian.stale.store", Addresses::jdbc),
            Key.of("bactrian.static.<name>", Values::text),
            Key.of("bactrian.aliases", Values::text));

    private static final List<Key> SERVER = List.of(
            Key.of(PORT, Values.integer(0, 65_535)),
            Key.of(HOST, Values::text),
            Key.secret("bactrian.server.keys", Values::text),
            Key.of("bactrian.server.max-body", Values::size),
            Key.of("bactrian.server.max-in-flight", Values.integer(1)),
            Key.of("bactrian.server.cors", Addresses::origins),
            Key.of("bactrian.server.limits.<name>.requests-per-minute", Values.integer(1)),
            Key.of("bactrian.server.limits.<name>.tokens-per-minute", Values.integer(1)),
            Key.of("bactrian.server.limits.<name>.chains", Values::list),
            Key.of("bactrian.drills", Values::bool),
            Key.of("bactrian.demo", Values.choice(Demo.class)),
            Key.of("bactrian.reload", Values::bool));

    private static final List<Key> UNBUILT = List.of(
            unbuilt("the queue", "bactrian.queue.enabled", Values::bool),
            unbuilt("the queue", "bactrian.queue.broker-url", Values::text),
            unbuilt("the queue", "bactrian.queue.requests", Values::text),
            unbuilt("the queue", "bactrian.queue.replies", Values::text),
            unbuilt("the queue", "bactrian.queue.dead-letters", Values::text),
            unbuilt("the queue", "bactrian.queue.consumers", Values.integer(1)),
            unbuilt("the health monitor", "bactrian.health.period", Durations::parse),
            unbuilt("the health monitor", "bactrian.health.timeout", Durations::positive),
            unbuilt("the health monitor", "bactrian.health.prompt", Values::text),
            unbuilt("the health monitor", "bactrian.health.publish", Values::list),
            unbuilt("alerting", "bactrian.alerts.publish", Values::list),
            unbuilt("alerting", "bactrian.alerts.webhook", Addresses::url),
            unbuilt("alerting", "bactrian.alerts.repeat", Durations::parse));

    static final List<Key> ALL = Stream.of(
                    MODELS.stream(),
                    LimitKeys.ALL.stream().flatMap(limit -> limit.keys().stream()),
                    SERVER.stream(),
                    UNBUILT.stream())
            .flatMap(rows -> rows)
            .toList();

    private Keys() {}

    /** Whether a property is the gateway's to read. */
    static boolean ours(String key) {
        return key.startsWith("bactrian.") || key.equals(PORT) || key.equals(HOST);
    }

    static Optional<Key> find(String key) {
        return ALL.stream().filter(row -> row.matches(key)).findFirst();
    }

    /** Addresses among these can carry passwords, so none of them is quoted. */
    private static Key unbuilt(String feature, String pattern, Value<?> value) {
        boolean quoted = !pattern.matches(".*\\.(broker-url|publish|webhook)");
        return (quoted ? Key.of(pattern, value) : Key.secret(pattern, value)).unbuilt(feature);
    }
}
