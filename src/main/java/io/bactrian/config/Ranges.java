package io.bactrian.config;

import java.time.Duration;

/** The ranges of the numbers, sizes and durations that are not {@link Limits}. */
final class Ranges {

    static final ValueParser<Integer> PORT = ValueParsers.integer(0, 65_535);
    static final ValueParser<Integer> CONNECTIONS = ValueParsers.integer(1, 100_000);
    static final ValueParser<Long> BODY_SIZE = ValueParsers.size("1B", "1GB");
    static final ValueParser<Integer> DEPTH = ValueParsers.integer(10, 1_000);
    static final ValueParser<Integer> FALLBACKS = ValueParsers.integer(0, 1_000);
    static final ValueParser<Integer> REQUESTS_IN_FLIGHT = ValueParsers.integer(1, 1_000_000);
    static final ValueParser<Integer> REQUESTS_PER_MINUTE = ValueParsers.integer(1, 10_000_000);
    static final ValueParser<Integer> TOKENS_PER_MINUTE = ValueParsers.integer(1, 1_000_000_000);

    static final ValueParser<Integer> TOKENS = ValueParsers.integer(1, 100_000_000);
    static final ValueParser<Double> QUALITY = ValueParsers.decimal("0", "1");
    static final ValueParser<Double> PRICE =
            ValueParsers.decimal("0", "1000000", "US dollars per million tokens from 0 to 1000000, such as 2.50");

    static final ValueParser<Duration> STALE_AGE = Durations.between("1ms", "8760h");
    static final ValueParser<Integer> STALE_ENTRIES = ValueParsers.integer(1, 10_000_000);

    private Ranges() {}
}
