package io.bactrian.provider.failure;

import io.bactrian.health.RemainingQuota;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The reader of the headers in which providers report the limits of the key that was used. Stateless. */
public final class QuotaHeaders {
    /** The longest number that is read; far below the range of a long. */
    private static final int MAX_DIGITS = 15;

    /** The number of calls that may follow before the next answer reports the remaining quota. */
    private static final int BURST = 100;

    /** The limits of OpenAI, Groq, Azure and Anthropic. */
    private static final List<Dimension> DIMENSIONS = List.of(
            openai("requests"),
            openai("tokens"),
            anthropic("requests"),
            anthropic("tokens"),
            anthropic("input-tokens"),
            anthropic("output-tokens"));

    /** Those, and the limit of OpenRouter, which it reports with rejections. */
    static final List<Dimension> ALL = all();

    private QuotaHeaders() {}

    /**
     * One limit and the headers that report it.
     *
     * @param requests true if it counts requests, false if it counts tokens
     */
    record Dimension(boolean requests, String limit, String remaining, String reset) {}

    private static Dimension openai(String what) {
        return new Dimension(
                what.equals("requests"),
                "x-ratelimit-limit-" + what,
                "x-ratelimit-remaining-" + what,
                "x-ratelimit-reset-" + what);
    }

    private static Dimension anthropic(String what) {
        String prefix = "anthropic-ratelimit-" + what;
        return new Dimension(what.equals("requests"), prefix + "-limit", prefix + "-remaining", prefix + "-reset");
    }

    private static List<Dimension> all() {
        List<Dimension> all = new ArrayList<>(DIMENSIONS);
        all.add(new Dimension(true, "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"));
        return List.copyOf(all);
    }

    /**
     * The limits that may run out before the next answer.
     *
     * @param headers the value of a header by its lower-case name
     * @return empty if all are ample, null if the headers report none
     */
    public static @Nullable List<RemainingQuota> read(Function<String, @Nullable String> headers, Clock clock) {
        List<RemainingQuota> few = null;
        boolean reported = false;
        for (Dimension dimension : DIMENSIONS) {
            long left = number(headers.apply(dimension.remaining));
            if (left < 0) {
                continue;
            }
            long limit = number(headers.apply(dimension.limit));
            // Some servers send zeros for limits that they do not have.
            if (limit == 0) {
                continue;
            }
            reported = true;
            if (!plenty(dimension, left, limit)) {
                few = few == null ? new ArrayList<>(DIMENSIONS.size()) : few;
                add(few, dimension, left, Math.max(0, limit), headers.apply(dimension.reset), clock);
            }
        }
        return !reported ? null : few == null ? List.of() : List.copyOf(few);
    }

    /** True if the limit is ample. Tokens are not counted between answers: only the reported amount is known. */
    private static boolean plenty(Dimension dimension, long left, long limit) {
        return dimension.requests ? left > BURST && left >= limit / 2 : left > 0 && left >= limit / 2;
    }

    private static void add(
            List<RemainingQuota> few, Dimension dimension, long left, long limit, @Nullable String reset, Clock clock) {
        Duration wait = WaitFormats.any(reset, clock.instant());
        if (wait != null) {
            long now = clock.millis();
            few.add(new RemainingQuota(dimension.requests, left, limit, now, now + wait.toMillis()));
        }
    }

    /** A whole number that is not negative; -1 for anything else. */
    private static long number(@Nullable String text) {
        if (text == null || text.isEmpty() || text.length() > MAX_DIGITS) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
