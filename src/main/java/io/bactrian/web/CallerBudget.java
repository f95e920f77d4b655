package io.bactrian.web;

import io.bactrian.protocol.RequestRejected;
import org.jspecify.annotations.Nullable;

/**
 * What one caller has left of its limits. Thread-safe.
 *
 * @param requests null = as many as it likes
 * @param tokens read and written, null = as many as it likes
 */
record CallerBudget(
        String caller,
        @Nullable MinuteQuota requests,
        @Nullable MinuteQuota tokens) {
    static final String REQUESTS = "requests";
    static final String TOKENS = "tokens";

    /**
     * Lets a request in.
     *
     * @throws RequestRejected 429 if there have been too many
     */
    void request() {
        if (requests != null) {
            take(requests, REQUESTS, 1);
        }
    }

    /**
     * Takes what a prompt surely costs; what it costs indeed is known at its end.
     *
     * @return what was taken
     * @throws RequestRejected 429 if there is not as much left; 400 if there never will be
     */
    long prompt(int leastTokens) {
        if (tokens == null) {
            return 0;
        }
        if (leastTokens > tokens.perMinute()) {
            throw new RequestRejected(
                    400,
                    "invalid_request_error",
                    "prompt_above_tokens_per_minute",
                    null,
                    "The prompt has %d tokens or more, and the key '%s' may use %d a minute: it would never be let in."
                            .formatted(leastTokens, caller, tokens.perMinute()));
        }
        // One at least, so that nobody comes in who is in debt.
        int taken = Math.max(1, leastTokens);
        take(tokens, TOKENS, taken);
        return taken;
    }

    /** Squares what was taken with what a request has cost in the end, which may lead into debt. */
    void settle(long taken, long cost) {
        if (tokens != null) {
            tokens.settle(cost - taken);
        }
    }

    private void take(MinuteQuota quota, String kind, int amount) {
        long wait = quota.take(amount);
        if (wait > 0) {
            throw RequestRejected.tooFast(
                    kind,
                    "The key '%s' may use %d %s a minute; try again in %d seconds."
                            .formatted(caller, quota.perMinute(), kind, Math.ceilDiv(wait, 1000)),
                    wait);
        }
    }
}
