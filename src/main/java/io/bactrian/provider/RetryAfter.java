package io.bactrian.provider;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the wait that a provider asks for, in its headers or in its error document. Immutable. */
final class RetryAfter {

    /** Pairs of what is left and when it is refilled: OpenAI, Groq and Azure; Anthropic; OpenRouter. */
    private static final List<Dimension> DIMENSIONS = List.of(
            new Dimension("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
            new Dimension("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
            new Dimension("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
            new Dimension("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
            new Dimension("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
            new Dimension("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
            new Dimension("x-ratelimit-remaining", "x-ratelimit-reset"));

    private final Clock clock;

    RetryAfter(Clock clock) {
        this.clock = clock;
    }

    /**
     * The wait, never longer than {@link Waits#LONGEST}, null if none is asked for.
     *
     * @param headers the value of a header by its name in lower case
     * @param limited whether the failure is a limit; of any other failure the state of the limits says nothing
     */
    @Nullable
    Duration of(Function<String, @Nullable String> headers, ErrorBody body, boolean limited) {
        Instant now = clock.instant();
        Duration wait = Waits.millis(headers.apply("retry-after-ms"));
        if (wait == null) {
            wait = Waits.millis(headers.apply("x-ms-retry-after-ms"));
        }
        if (wait == null) {
            wait = Waits.any(headers.apply("retry-after"), now);
        }
        if (wait == null) {
            wait = Waits.duration(body.retryDelay());
        }
        if (wait == null) {
            wait = Waits.any(body.headers().get("x-ratelimit-reset"), now);
        }
        if (wait == null && limited) {
            wait = refill(headers, now);
        }
        return wait != null ? wait : Waits.said(body.message());
    }

    /** The time until every dimension that is used up has been refilled. */
    private static @Nullable Duration refill(Function<String, @Nullable String> headers, Instant now) {
        Duration latest = null;
        for (Dimension dimension : DIMENSIONS) {
            if (usedUp(headers.apply(dimension.remaining()))) {
                Duration wait = Waits.any(headers.apply(dimension.reset()), now);
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

    private record Dimension(String remaining, String reset) {}
}
