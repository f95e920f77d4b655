package io.bactrian.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The table of property keys: every key there is, with the grammar of its values. */
final class PropertyKeys {

    /** The choice when simulated providers replace real ones. */
    enum Demo {
        AUTO,
        ON,
        OFF
    }

    static final String PORT = "camel.server.port";
    static final String HOST = "camel.server.host";
    static final String BUILT_IN_NAMES = "bactrian.built-in-names";

    private static final List<PropertyKey> MODELS = List.of(
            PropertyKey.of("bactrian.providers.<p>.api", ValueParsers.choice(Api.class)),
            PropertyKey.of("bactrian.providers.<p>.base-url", Addresses::baseUrl),
            PropertyKey.secret("bactrian.providers.<p>.api-key", ValueParsers::secrets),
            PropertyKey.of("bactrian.providers.<p>.keyless", ValueParsers::bool),
            PropertyKey.of("bactrian.providers.<p>.auth", ValueParsers.choice(Auth.class)),
            PropertyKey.secret("bactrian.providers.<p>.headers.<name*>", ValueParsers::header),
            PropertyKey.secret("bactrian.providers.<p>.query.<name*>", ValueParsers::text),
            PropertyKey.of("bactrian.providers.<p>.max-connections", Ranges.CONNECTIONS),
            PropertyKey.of("bactrian.providers.<p>.proxy", Addresses::proxy),
            PropertyKey.of("bactrian.providers.<p>.probe", HealthReader.PROBE),
            PropertyKey.of("bactrian.targets.<t>.provider", ValueParsers::text),
            PropertyKey.of("bactrian.targets.<t>.model", ValueParsers::text),
            PropertyKey.of("bactrian.targets.<t>.body.<field*>", ValueParsers::json),
            PropertyKey.of("bactrian.targets.<t>.max-tokens", Ranges.TOKENS),
            PropertyKey.of("bactrian.targets.<t>.thinks", ValueParsers::bool),
            PropertyKey.of("bactrian.targets.<t>.quality", Ranges.QUALITY),
            PropertyKey.of("bactrian.targets.<t>.context-tokens", Ranges.TOKENS),
            PropertyKey.of("bactrian.targets.<t>.max-output-tokens", Ranges.TOKENS),
            PropertyKey.of("bactrian.targets.<t>.supports", ValueParsers::features),
            PropertyKey.of("bactrian.targets.<t>.price-input", Ranges.PRICE),
            PropertyKey.of("bactrian.targets.<t>.price-output", Ranges.PRICE),
            PropertyKey.of("bactrian.targets.<t>.probe", HealthReader.PROBE),
            PropertyKey.of("bactrian.chains.<c>", ValueParsers::text),
            PropertyKey.of("bactrian.chains-options.<c>.order", ValueParsers.choice(Chain.Order.class)),
            PropertyKey.of("bactrian.chains-options.<c>.stale-tools", ValueParsers::bool),
            PropertyKey.of("bactrian.chains-options.<c>.embeddings-mix", ValueParsers::bool),
            PropertyKey.of("bactrian.stale.max-age", Ranges.STALE_AGE),
            PropertyKey.of("bactrian.stale.max-entries", Ranges.STALE_ENTRIES),
            PropertyKey.secret("bactrian.stale.store", Addresses::jdbc),
            PropertyKey.of("bactrian.static.<name>", ValueParsers::text),
            PropertyKey.of("bactrian.aliases", ValueParsers::text),
            PropertyKey.of(BUILT_IN_NAMES, ValueParsers::bool));

    private static final List<PropertyKey> SERVER = List.of(
            PropertyKey.of(PORT, Ranges.PORT),
            PropertyKey.of(HOST, ValueParsers::text),
            PropertyKey.secret("bactrian.server.keys", ValueParsers::text),
            PropertyKey.of("bactrian.server.operators", ValueParsers::list),
            PropertyKey.of("bactrian.server.open", ValueParsers::bool),
            PropertyKey.of("bactrian.server.hosts", ValueParsers::list),
            PropertyKey.of("bactrian.server.max-in-flight", Ranges.REQUESTS_IN_FLIGHT),
            PropertyKey.of("bactrian.server.public", ValueParsers::list),
            PropertyKey.of("bactrian.server.cors", Addresses::origins),
            PropertyKey.of("bactrian.server.limits.<name>.requests-per-minute", Ranges.REQUESTS_PER_MINUTE),
            PropertyKey.of("bactrian.server.limits.<name>.tokens-per-minute", Ranges.TOKENS_PER_MINUTE),
            PropertyKey.of("bactrian.server.limits.<name>.chains", ValueParsers::list),
            PropertyKey.secret("bactrian.shared.limits", Addresses::limitStore),
            PropertyKey.of("bactrian.metrics.gen-ai", GenAiNames::of),
            PropertyKey.of("bactrian.drills", ValueParsers::bool),
            PropertyKey.of("bactrian.demo", ValueParsers.choice(Demo.class)),
            PropertyKey.of("bactrian.reload", ValueParsers::bool));

    private static final List<PropertyKey> OPERATION = List.of(
            PropertyKey.of("bactrian.node", ValueParsers::text),
            PropertyKey.of("bactrian.health.period", HealthReader.PERIOD),
            PropertyKey.of("bactrian.health.timeout", HealthReader.TIMEOUT),
            PropertyKey.of("bactrian.health.prompt", ValueParsers::text),
            PropertyKey.secret("bactrian.health.publish", ValueParsers::list),
            PropertyKey.of("bactrian.health.budget", HealthReader.BUDGET));

    private static final List<PropertyKey> EMBEDDED = List.of(
            PropertyKey.of("bactrian.embedded.enabled", ValueParsers::bool),
            PropertyKey.of("bactrian.embedded.http", ValueParsers::bool),
            PropertyKey.of("bactrian.embedded.host", ValueParsers::text),
            PropertyKey.of("bactrian.embedded.port", Ranges.PORT));

    static final List<PropertyKey> ALL = Stream.of(
                    MODELS.stream(),
                    LimitKey.ALL.stream().flatMap(limit -> limit.keys().stream()),
                    SERVER.stream(),
                    ServerReader.BOUNDS.stream(),
                    AlertReader.KEYS.stream(),
                    OPERATION.stream(),
                    QueueReader.KEYS.stream(),
                    KafkaReader.KEYS.stream(),
                    EMBEDDED.stream())
            .flatMap(rows -> rows)
            .toList();

    private PropertyKeys() {}

    /** Whether a property is the gateway's to read. */
    static boolean ours(String key) {
        return key.startsWith("bactrian.") || key.equals(PORT) || key.equals(HOST);
    }

    static Optional<PropertyKey> find(String key) {
        return ALL.stream().filter(row -> row.matches(key)).findFirst();
    }
}
