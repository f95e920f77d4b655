package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.ExchangeEnd;
import io.bactrian.routing.ExchangeProperties;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The rate limits of callers: rejects what exceeds a caller's budget, and adds headers with what is left. Thread-safe. */
final class CallerRateLimits {
    private final Map<String, CallerBudget> budgets = new HashMap<>();
    private final CallerProtocols protocols;
    private final Clock clock;
    private final boolean shared;

    /**
     * @param limits by the name of a caller's key
     * @param store the URL of the store in which nodes share them; empty if there is none
     */
    CallerRateLimits(
            Map<String, CallerLimits> limits,
            String store,
            CallerBudgets known,
            CallerProtocols protocols,
            Clock clock) {
        this.protocols = protocols;
        this.clock = clock;
        this.shared = !store.isEmpty();
        limits.forEach((name, own) -> {
            CallerBudget budget = known.of(store, name, own);
            if (budget != null) {
                budgets.put(name, budget);
            }
        });
    }

    /** Brings what the headers tell up to date, where other nodes may have changed it. */
    void refresh(String caller) {
        CallerBudget budget = budgets.get(caller);
        if (budget != null) {
            budget.refresh();
        }
    }

    /** Adds the rate-limit headers to the response now, so that every kind of response has them, errors included. */
    void addHeaders(Exchange exchange, String caller) {
        CallerBudget budget = budgets.get(caller);
        if (budget != null) {
            addHeaders(exchange, budget);
        }
    }

    private void addHeaders(Exchange exchange, CallerBudget budget) {
        CallerLimitHeaders.of(budget, Http.protocol(protocols, Http.request(exchange)), clock.millis())
                .forEach(Http.response(exchange)::putHeader);
    }

    /**
     * Begins to take a request from the caller's budget. What the request says can be read meanwhile, until {@link #admit} or
     * {@link #charge} waits for it.
     *
     * @throws RequestRejected 429 if it is known at once that the caller has sent too many
     */
    Charge enter(Exchange exchange, String caller) {
        CallerBudget budget = budgets.get(caller);
        if (budget == null) {
            return Charge.NONE;
        }
        Charge request = budget.request();
        if (request.isKnown()) {
            admit(exchange, caller, request);
        }
        return request;
    }

    /**
     * Waits until a request is taken from the caller's budget.
     *
     * @throws RequestRejected 429 if the caller has sent too many
     */
    void admit(Exchange exchange, String caller, Charge request) {
        try {
            request.await();
        } finally {
            addHeaders(exchange, caller);
        }
    }

    /**
     * Takes the tokens of a prompt from the caller's budget, while the store may still be asked for the request; and at the end of the
     * request the rest of what its calls cost.
     *
     * @throws RequestRejected 429 if the caller has sent too many or has too few left; 400 if it never has as many
     */
    void charge(Exchange exchange, String caller, Charge request, ChatRequest read) {
        CallerBudget budget = budgets.get(caller);
        if (budget == null || budget.tokens() == null) {
            if (!request.isKnown()) {
                admit(exchange, caller, request);
            }
            return;
        }
        int taken;
        try {
            taken = charge(budget, request, read.minTokens());
        } finally {
            addHeaders(exchange, budget);
        }
        ExchangeEnd.then(exchange, done -> settle(budget, taken, cost(ExchangeProperties.contextOrNull(done), taken)));
    }

    /** Returns the tokens taken. That there are too many requests is told before what is wrong with this one. */
    static int charge(CallerBudget budget, Charge request, int minTokens) {
        if (request.isKnown() || !budget.mayAdmit(minTokens)) {
            request.await();
        }
        Charge prompt = budget.prompt(minTokens);
        try {
            request.await();
        } catch (RequestRejected e) {
            prompt.undo();
            throw e;
        }
        prompt.await();
        return prompt.amount();
    }

    /** An exchange of HTTP ends on an event loop, which must not wait for a store. */
    void settle(CallerBudget budget, long taken, long cost) {
        if (!shared || Thread.currentThread().isVirtual()) {
            budget.settle(taken, cost);
        } else {
            Thread.ofVirtual().name("shared-limits-settle").start(() -> budget.settle(taken, cost));
        }
    }

    /** The tokens that all calls of a request have cost, failed ones included. */
    private static long cost(@Nullable RequestContext context, long taken) {
        if (context == null) {
            return 0;
        }
        long known = context.trail().calls().stream()
                .map(CallRecord::usage)
                .mapToLong(usage -> usage == null ? 0 : usage.prompt() + usage.completion())
                .sum();
        // Not every provider counts tokens, and the count of a cancelled call is lost: at least the prompt was read.
        boolean uncounted = context.isCancelled() || (known == 0 && context.answeredBy() != null);
        return uncounted ? Math.max(known, taken) : known;
    }
}
