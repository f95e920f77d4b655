package io.bactrian.provider.failure;

import io.bactrian.health.RemainingQuota;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads what providers say in their headers of the limits of the key that was used. Stateless. */
public final class QuotaHeaders {
    /** So many digits fit a long many times over. */
    private static final int MAX_DIGITS = 15;

    /** A burst of so many calls may come before the next answer tells how many are left. */
    private static final int BURST = 100;

    /** OpenAI, Groq and Azure; Anthropic. */
    private static final List<Dimension> DIMENSIONS = List.of(
            openai("requests"),
            openai("tokens"),
            anthropic("requests"),
            anthropic("tokens"),
            anthropic("input-tokens"),
            anthropic("output-tokens"));

    /** Those, and OpenRouter's, which it sends with refusals. */
    static final List<Dimension> ALL = all();

    private QuotaHeaders() {}

    /**
     * One limit, and the headers that tell of it.
     *
     * @param requests whether it counts requests; else tokens
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
     * @param headers the value of a header by its name in lower case
     * @return empty if there is plenty of all, null if the headers do not tell
     */
    public static @Nullable List<RemainingQuota> read(Function<String, @Nullable String> headers, Clock clock) {
        List<RemainingQuota> few = null;
        boolean told = false;
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
            told = true;
            if (!plenty(dimension, left, limit)) {
                few = few == null ? new ArrayList<>(DIMENSIONS.size()) : few;
                add(few, dimension, left, Math.max(0, limit), headers.apply(dimension.reset), clock);
            }
        }
        return !told ? null : few == null ? List.of() : List.copyOf(few);
    }

    /** Tokens are not counted along: nothing is known of them but what the answers tell. */
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
