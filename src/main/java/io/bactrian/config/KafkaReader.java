package io.bactrian.config;

import java.util.List;

/** The reader of {@code bactrian.kafka.*}. */
final class KafkaReader {
    private static final ValueParser<Integer> CONSUMERS = ValueParsers.integer(1, 1_000);

    /** The keys of Kafka, as the table of property keys has them. */
    static final List<PropertyKey> KEYS = List.of(
            PropertyKey.of("bactrian.kafka.brokers", KafkaReader::brokers),
            PropertyKey.of("bactrian.kafka.requests", KafkaReader::topic),
            PropertyKey.of("bactrian.kafka.replies", KafkaReader::topic),
            PropertyKey.of("bactrian.kafka.dead-letters", KafkaReader::topic),
            PropertyKey.of("bactrian.kafka.group", ValueParsers::text),
            PropertyKey.of("bactrian.kafka.consumers", CONSUMERS));

    private KafkaReader() {}

    static KafkaSettings read(RawProperties raw) {
        KafkaSettings usual = KafkaSettings.OFF;
        return new KafkaSettings(
                raw.get("bactrian.kafka.brokers", KafkaReader::brokers).orElse(usual.brokers()),
                raw.get("bactrian.kafka.requests", KafkaReader::topic).orElse(usual.requests()),
                raw.get("bactrian.kafka.replies", KafkaReader::topic).orElse(usual.replies()),
                raw.get("bactrian.kafka.dead-letters", KafkaReader::topic).orElse(usual.deadLetters()),
                raw.text("bactrian.kafka.group").orElse(usual.group()),
                raw.get("bactrian.kafka.consumers", CONSUMERS).orElse(usual.consumers()));
    }

    /** Addresses separated by commas, without spaces. */
    private static String brokers(String text) {
        List<String> brokers = ValueParsers.list(text);
        if (brokers.isEmpty()
                || !brokers.stream()
                        .allMatch(broker -> broker.matches("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}"))) {
            throw new BadValue("addresses of brokers, host:port, separated by commas");
        }
        return String.join(",", brokers);
    }

    /** The names that Kafka allows. */
    private static String topic(String text) {
        if (!text.matches("[A-Za-z0-9._-]{1,249}") || text.matches("\\.{1,2}")) {
            throw new BadValue("the name of a topic: letters, digits, dots, underscores and hyphens");
        }
        return text;
    }
}
