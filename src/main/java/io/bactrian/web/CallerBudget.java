package io.bactrian.web;

import io.bactrian.protocol.RequestRejected;
import io.bactrian.quota.Quota;
import org.jspecify.annotations.Nullable;

/**
 * The budget of one caller: what it has left of its requests and tokens a minute. Thread-safe.
 *
 * @param caller the name of its key
 * @param requests null = unlimited
 * @param tokens of prompts and answers; null = unlimited
 */
record CallerBudget(
        String caller, @Nullable Quota requests, @Nullable Quota tokens) {
    static final String REQUESTS = "requests";
    static final String TOKENS = "tokens";

    /**
     * Takes a request.
     *
     * @throws RequestRejected 429 if there is none left
     */
    void request() {
        if (requests != null) {
            take(requests, REQUESTS, 1);
        }
    }

    /**
     * Takes the tokens that a prompt has at least; {@link #settle} takes the rest when its cost is known.
     *
     * @return the tokens taken
     * @throws RequestRejected 429 if there are too few left; 400 if there are never as many
     */
    long prompt(int minTokens) {
        if (tokens == null) {
            return 0;
        }
        if (minTokens > tokens.perMinute()) {
            throw new RequestRejected(
                    400,
                    "invalid_request_error",
                    "prompt_above_tokens_per_minute",
                    null,
                    "The prompt has %d tokens or more, and the key '%s' may use %d a minute: it can never be admitted."
                            .formatted(minTokens, caller, tokens.perMinute()));
        }
        // One token at least, so that a caller with an overdrawn budget is rejected.
        int taken = Math.max(1, minTokens);
        take(tokens, TOKENS, taken);
        return taken;
    }

    /** Replaces the tokens taken by those that the request has cost in the end, which may overdraw the budget. */
    void settle(long taken, long cost) {
        if (tokens != null) {
            tokens.settle(cost - taken);
        }
    }

    /** Brings what is told of it up to date. */
    void refresh() {
        if (requests != null) {
            requests.refresh();
        }
        if (tokens != null) {
            tokens.refresh();
        }
    }

    private void take(Quota quota, String kind, int amount) {
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
