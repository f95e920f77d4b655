package io.bactrian.web;

import io.bactrian.config.CallerLimits;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.AttemptTrail;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.ExchangeProperties;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;

/** Keeps callers within their own limits, and tells them on every answer how much is left. Thread-safe. */
final class Turnstile {
    private final Map<String, Allowance> allowances = new HashMap<>();
    private final Clock clock;

    /** @param limits by the name of a caller's key */
    Turnstile(Map<String, CallerLimits> limits, Allowances known, Clock clock) {
        this.clock = clock;
        limits.forEach((name, own) -> {
            Allowance allowance = known.of(name, own);
            if (allowance != null) {
                allowances.put(name, allowance);
            }
        });
    }

    /** Tells how much is left; said on the response at once, so that it is there whoever writes it and however it ends. */
    void tell(Exchange exchange, String caller) {
        Allowance allowance = allowances.get(caller);
        if (allowance != null) {
            tell(exchange, allowance);
        }
    }

    private void tell(Exchange exchange, Allowance allowance) {
        LimitHeaders.of(allowance, Http.dialect(exchange), clock.millis()).forEach(Http.response(exchange)::putHeader);
    }

    /**
     * Lets a request in.
     *
     * @throws RequestRejected 429 if the caller has sent too many
     */
    void enter(Exchange exchange, String caller) {
        Allowance allowance = allowances.get(caller);
        if (allowance != null) {
            try {
                allowance.request();
            } finally {
                tell(exchange, allowance);
            }
        }
    }

    /**
     * Takes the tokens of a prompt, and at the end those that its calls have cost beyond them.
     *
     * @throws RequestRejected 429 if the caller has too few left; 400 if it never has as many
     */
    void charge(Exchange exchange, String caller, ChatRequest request) {
        Allowance allowance = allowances.get(caller);
        if (allowance == null || allowance.tokens() == null) {
            return;
        }
        long taken;
        try {
            taken = allowance.prompt(request.leastTokens());
        } finally {
            tell(exchange, allowance);
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                allowance.settle(taken, cost(ExchangeProperties.conversationOrNull(done), taken));
            }
        });
    }

    /** What all calls of a request have cost, those included that failed. */
    private static long cost(@Nullable RequestContext context, long taken) {
        if (context == null) {
            return 0;
        }
        long known = context.trail().calls().stream()
                .map(AttemptTrail.Call::usage)
                .mapToLong(usage -> usage == null ? 0 : usage.prompt() + usage.completion())
                .sum();
        // Not every provider says what an answer cost, and of one that nobody waited for none does: the prompt was
        // read.
        boolean unsaid = context.hasLeft() || (known == 0 && context.answeredBy() != null);
        return unsaid ? Math.max(known, taken) : known;
    }
}
