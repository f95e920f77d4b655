package io.bactrian.provider.failure;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the wait that a provider asks for, in its headers or in its error document. Immutable. */
final class RetryAfter {

    private final Clock clock;

    RetryAfter(Clock clock) {
        this.clock = clock;
    }

    /**
     * The wait, never longer than {@link WaitFormats#MAX}, null if none is asked for.
     *
     * @param headers the value of a header by its name in lower case
     * @param limited whether the failure is a limit; of any other failure the state of the limits says nothing
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
        return wait != null ? wait : WaitFormats.said(body.message());
    }

    /** The time until every dimension that is used up has been refilled. */
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
