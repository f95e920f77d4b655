package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The budgets of all callers. They outlive a configuration: a limit that does not change keeps its fill, a changed one begins
 * full. Thread-safe.
 */
public final class CallerBudgets {
    private final Clock clock;
    /** One for each limit that has been configured since the start. */
    private final Map<QuotaKey, MinuteQuota> quotas = new ConcurrentHashMap<>();

    public CallerBudgets(Clock clock) {
        this.clock = clock;
    }

    private record QuotaKey(String caller, String kind, int perMinute) {}

    /** The budget of a caller; null if it is unlimited. */
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
                        new QuotaKey(caller, kind, perMinute), key -> new MinuteQuota(perMinute, clock));
    }
}
