package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import io.bactrian.quota.Quota;
import io.bactrian.quota.Quotas;
import org.jspecify.annotations.Nullable;

/** The budgets of all callers, which outlive a configuration. Thread-safe. */
public final class CallerBudgets {
    private final Quotas quotas;

    public CallerBudgets(Quotas quotas) {
        this.quotas = quotas;
    }

    /**
     * The budget of a caller; null if it is unlimited.
     *
     * @param store the URL of the store in which nodes share it; empty if there is none
     */
    @Nullable
    CallerBudget of(String store, String caller, CallerLimits limits) {
        Quota requests = quota(store, caller, CallerBudget.REQUESTS, limits.requestsPerMinute());
        Quota tokens = quota(store, caller, CallerBudget.TOKENS, limits.tokensPerMinute());
        return requests == null && tokens == null ? null : new CallerBudget(caller, requests, tokens);
    }

    private @Nullable Quota quota(String store, String caller, String kind, @Nullable Integer perMinute) {
        return perMinute == null ? null : quotas.of(store, caller, kind, perMinute);
    }
}
