package io.bactrian.provider.failure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The reader of the wait that a provider asks for, in its headers or in its error document. Immutable. */
final class RetryAfter {

    private final Clock clock;

    RetryAfter(Clock clock) {
        this.clock = clock;
    }

    /**
     * The wait, at most {@link WaitFormats#MAX}; null if none is asked for.
     *
     * @param headers the value of a header by its lower-case name
     * @param limited true if the failure is a limit; for other failures the state of the limits is irrelevant
     */
    @Nullable
    Duration of(Function<String, @Nullable String> headers, ErrorBody body, boolean limited) {
        Instant now = clock.instant();
        Duration wait = WaitFormats.millis(headers.apply("retry-after-ms"));
        if (wait == null) {
            wait = WaitFormats.millis(headers.apply("x-ms-retry-after-ms"));
        }
        if (wait == null) {
            wait = WaitFormats.any(headers.apply("retry-after"), now);
        }
        if (wait == null) {
            wait = WaitFormats.duration(body.retryDelay());
        }
        if (wait == null) {
            wait = WaitFormats.any(body.headers().get("x-ratelimit-reset"), now);
        }
        if (wait == null && limited) {
            wait = refill(headers, now);
        }
        return wait != null ? wait : WaitFormats.inSentence(body.message());
    }

    /** The time until every used-up limit is refilled. */
    private static @Nullable Duration refill(Function<String, @Nullable String> headers, Instant now) {
        Duration latest = null;
        for (QuotaHeaders.Dimension dimension : QuotaHeaders.ALL) {
            if (usedUp(headers.apply(dimension.remaining()))) {
                Duration wait = WaitFormats.any(headers.apply(dimension.reset()), now);
                if (wait != null && (latest == null || wait.compareTo(latest) > 0)) {
                    latest = wait;
                }
            }
        }
        return latest;
    }

    private static boolean usedUp(@Nullable String remaining) {
        return remaining != null && remaining.strip().matches("-\\d+|0+(\\.0+)?");
    }
}
