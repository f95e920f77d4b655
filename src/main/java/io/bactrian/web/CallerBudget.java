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

    /** This part of the requests a minute is near their limit. */
    private static final int NEAR = 50;

    /** Whether a request with such a prompt is probably admitted; near the limit another node may have taken the last one. */
    boolean mayAdmit(int minTokens) {
        return (tokens == null || minTokens <= tokens.perMinute())
                && (requests == null || requests.left() > requests.perMinute() / NEAR);
    }

    /** Begins to take a request. */
    Charge request() {
        return requests == null ? Charge.NONE : Charge.begin(caller, requests, REQUESTS, 1);
    }

    /**
     * Begins to take the tokens that a prompt has at least; {@link #settle} takes the rest when its cost is known.
     *
     * @throws RequestRejected 400 if there are never as many
     */
    Charge prompt(int minTokens) {
        if (tokens == null) {
            return Charge.NONE;
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
        return Charge.begin(caller, tokens, TOKENS, Math.max(1, minTokens));
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
}
