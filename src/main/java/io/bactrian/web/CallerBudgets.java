package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What the callers have left of their limits. Outlives a configuration: a limit that stays keeps its fill, another one begins
 * full. Thread-safe.
 */
public final class CallerBudgets {
    private final Clock clock;
    /** As many as limits have been configured since the start. */
    private final Map<Limit, MinuteQuota> quotas = new ConcurrentHashMap<>();

    public CallerBudgets(Clock clock) {
        this.clock = clock;
    }

    private record Limit(String caller, String kind, int perMinute) {}

    /** What a caller has left; null if it may have as much as it likes. */
    @Nullable
    CallerBudget of(String caller, CallerLimits limits) {
        MinuteQuota requests = quota(caller, CallerBudget.REQUESTS, limits.requestsPerMinute());
        MinuteQuota tokens = quota(caller, CallerBudget.TOKENS, limits.tokensPerMinute());
        return requests == null && tokens == null ? null : new CallerBudget(caller, requests, tokens);
    }

    private @Nullable MinuteQuota quota(String caller, String kind, @Nullable Integer perMinute) {
        return perMinute == null
                ? null
                : quotas.computeIfAbsent(
                        new Limit(caller, kind, perMinute), limit -> new MinuteQuota(perMinute, clock));
    }
}
