package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.ExchangeProperties;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;

/** Keeps callers within their own limits, and tells them on every answer how much is left. Thread-safe. */
final class CallerRateLimits {
    private final Map<String, CallerBudget> allowances = new HashMap<>();
    private final CallerProtocols protocols;
    private final Clock clock;

    /** @param limits by the name of a caller's key */
    CallerRateLimits(Map<String, CallerLimits> limits, CallerBudgets known, CallerProtocols protocols, Clock clock) {
        this.protocols = protocols;
        this.clock = clock;
        limits.forEach((name, own) -> {
            CallerBudget budget = known.of(name, own);
            if (budget != null) {
                allowances.put(name, budget);
            }
        });
    }

    /** Tells how much is left; said on the response at once, so that it is there whoever writes it and however it ends. */
    void tell(Exchange exchange, String caller) {
        CallerBudget budget = allowances.get(caller);
        if (budget != null) {
            tell(exchange, budget);
        }
    }

    private void tell(Exchange exchange, CallerBudget budget) {
        CallerLimitHeaders.of(budget, protocols.of(Http.request(exchange).path()), clock.millis())
                .forEach(Http.response(exchange)::putHeader);
    }

    /**
     * Lets a request in.
     *
     * @throws RequestRejected 429 if the caller has sent too many
     */
    void enter(Exchange exchange, String caller) {
        CallerBudget budget = allowances.get(caller);
        if (budget != null) {
            try {
                budget.request();
            } finally {
                tell(exchange, budget);
            }
        }
    }

    /**
     * Takes the tokens of a prompt, and at the end those that its calls have cost beyond them.
     *
     * @throws RequestRejected 429 if the caller has too few left; 400 if it never has as many
     */
    void charge(Exchange exchange, String caller, ChatRequest request) {
        CallerBudget budget = allowances.get(caller);
        if (budget == null || budget.tokens() == null) {
            return;
        }
        long taken;
        try {
            taken = budget.prompt(request.minTokens());
        } finally {
            tell(exchange, budget);
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                budget.settle(taken, cost(ExchangeProperties.contextOrNull(done), taken));
            }
        });
    }

    /** What all calls of a request have cost, those included that failed. */
    private static long cost(@Nullable RequestContext context, long taken) {
        if (context == null) {
            return 0;
        }
        long known = context.trail().calls().stream()
                .map(CallRecord::usage)
                .mapToLong(usage -> usage == null ? 0 : usage.prompt() + usage.completion())
                .sum();
        // Not every provider says what an answer cost, and of one that nobody waited for none does: the prompt was
        // read.
        boolean unsaid = context.isCancelled() || (known == 0 && context.answeredBy() != null);
        return unsaid ? Math.max(known, taken) : known;
    }
}
