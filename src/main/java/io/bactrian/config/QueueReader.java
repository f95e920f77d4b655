package io.bactrian.config;

import java.time.Duration;
import java.util.List;

/** The reader of {@code bactrian.queue.*}. */
final class QueueReader {
    private static final ValueParser<Integer> CONSUMERS = ValueParsers.integer(1, 10_000);
    private static final ValueParser<Integer> PORT = ValueParsers.integer(0, 65_535);
    private static final ValueParser<Duration> KEEP = Durations.between("1m", "8760h");

    /** The keys of the queue, as the table of property keys has them. */
    static final List<PropertyKey> KEYS = List.of(
            PropertyKey.of("bactrian.queue.enabled", ValueParsers::bool),
            PropertyKey.secret("bactrian.queue.broker-url", ValueParsers::text),
            PropertyKey.of("bactrian.queue.port", PORT),
            PropertyKey.of("bactrian.queue.directory", ValueParsers::text),
            PropertyKey.of("bactrian.queue.requests", ValueParsers::text),
            PropertyKey.of("bactrian.queue.replies", ValueParsers::text),
            PropertyKey.of("bactrian.queue.dead-letters", ValueParsers::text),
            PropertyKey.of("bactrian.queue.consumers", CONSUMERS),
            PropertyKey.secret("bactrian.queue.store", Addresses::jdbc),
            PropertyKey.of("bactrian.queue.keep", KEEP));

    private QueueReader() {}

    static QueueSettings read(RawProperties raw) {
        QueueSettings usual = QueueSettings.OFF;
        return new QueueSettings(
                isEnabled(raw),
                raw.text("bactrian.queue.broker-url").orElse(""),
                raw.get("bactrian.queue.port", PORT).orElse(61_616),
                raw.text("bactrian.queue.directory").orElse(usual.directory()),
                raw.text("bactrian.queue.requests").orElse(usual.requests()),
                raw.text("bactrian.queue.replies").orElse(usual.replies()),
                raw.text("bactrian.queue.dead-letters").orElse(usual.deadLetters()),
                raw.get("bactrian.queue.consumers", CONSUMERS).orElse(usual.consumers()),
                raw.text("bactrian.queue.store").orElse(""),
                raw.get("bactrian.queue.keep", KEEP).orElse(usual.keep()));
    }

    static boolean isEnabled(RawProperties raw) {
        return raw.get("bactrian.queue.enabled", ValueParsers::bool).orElse(true);
    }
}
