package io.bactrian.web;

import io.bactrian.protocol.CallerProtocol;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells a caller of its limits, in the headers that the vendor of its protocol uses and its SDKs look for. */
final class CallerLimitHeaders {
    private static final String OPENAI = "x-ratelimit-";
    private static final String ANTHROPIC = "anthropic-ratelimit-";
    private static final List<String> FIGURES = List.of("limit", "remaining", "reset");

    private CallerLimitHeaders() {}

    /** Every name there is. */
    static Stream<String> names() {
        return Stream.of(CallerBudget.REQUESTS, CallerBudget.TOKENS).flatMap(kind -> FIGURES.stream()
                .flatMap(figure -> Stream.of(CallerProtocol.values()).map(d -> name(d, kind, figure))));
    }

    static Map<String, String> of(CallerBudget budget, CallerProtocol dialect, long now) {
        Map<String, String> headers = new LinkedHashMap<>();
        add(headers, CallerBudget.REQUESTS, budget.requests(), dialect, now);
        add(headers, CallerBudget.TOKENS, budget.tokens(), dialect, now);
        return headers;
    }

    private static void add(
            Map<String, String> headers, String kind, @Nullable MinuteQuota quota, CallerProtocol dialect, long now) {
        if (quota == null) {
            return;
        }
        long wait = quota.fullIn();
        headers.put(name(dialect, kind, "limit"), Integer.toString(quota.perMinute()));
        headers.put(name(dialect, kind, "remaining"), Long.toString(quota.left()));
        headers.put(
                name(dialect, kind, "reset"), dialect == CallerProtocol.CHAT ? duration(wait) : instant(now + wait));
    }

    private static String name(CallerProtocol dialect, String kind, String figure) {
        return dialect == CallerProtocol.CHAT ? OPENAI + figure + "-" + kind : ANTHROPIC + kind + "-" + figure;
    }

    /** As OpenAI writes it: {@code 120ms}, {@code 1s}, {@code 6m0s}. */
    static String duration(long millis) {
        if (millis > 0 && millis < 1000) {
            return millis + "ms";
        }
        long seconds = Math.ceilDiv(millis, 1000);
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }

    /** As Anthropic writes it: RFC 3339, to the second. */
    private static String instant(long millis) {
        return Instant.ofEpochSecond(Math.ceilDiv(millis, 1000)).toString();
    }
}
