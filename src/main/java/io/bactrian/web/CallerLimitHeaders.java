package io.bactrian.web;

import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.quota.Quota;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The rate-limit headers for a caller, under the names that the SDKs of its protocol read. Stateless. */
final class CallerLimitHeaders {
    private static final List<String> FIGURES = List.of("limit", "remaining", "reset");

    private CallerLimitHeaders() {}

    /** The names of all these headers, in every protocol. */
    static Stream<String> names(CallerProtocols protocols) {
        return Stream.of(CallerBudget.REQUESTS, CallerBudget.TOKENS).flatMap(kind -> FIGURES.stream()
                .flatMap(figure -> protocols.all().stream().map(p -> p.limitHeader(kind, figure))));
    }

    /** The headers for a caller's budget, by name. */
    static Map<String, String> of(CallerBudget budget, CallerProtocol protocol, long now) {
        Map<String, String> headers = new LinkedHashMap<>();
        add(headers, CallerBudget.REQUESTS, budget.requests(), protocol, now);
        add(headers, CallerBudget.TOKENS, budget.tokens(), protocol, now);
        return headers;
    }

    private static void add(
            Map<String, String> headers, String kind, @Nullable Quota quota, CallerProtocol protocol, long now) {
        if (quota == null) {
            return;
        }
        headers.put(protocol.limitHeader(kind, "limit"), Integer.toString(quota.perMinute()));
        headers.put(protocol.limitHeader(kind, "remaining"), Long.toString(quota.left()));
        headers.put(protocol.limitHeader(kind, "reset"), protocol.limitReset(quota.fullIn(), now));
    }
}
