package io.bactrian.routing;

import io.bactrian.chat.Conversation;
import io.bactrian.chat.Problems;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.Resort;
import io.bactrian.policy.Decision.Return;
import io.bactrian.policy.Failure;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import java.time.Clock;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/** The steps of the routes {@code chat}, {@code target} and {@code exhausted}. Thread-safe. */
public final class ChatSteps {
    private final Requests requests;
    private final Navigator navigator;
    private final TargetRoutes routes;
    private final LastResorts lastResorts;
    private final Observer observer;
    private final Clock clock;

    public ChatSteps(
            Requests requests,
            Navigator navigator,
            TargetRoutes routes,
            LastResorts lastResorts,
            Observer observer,
            Clock clock) {
        this.requests = requests;
        this.navigator = navigator;
        this.routes = routes;
        this.lastResorts = lastResorts;
        this.observer = observer;
        this.clock = clock;
    }

    /** Finds the chain and its candidates, and decides where to start. */
    public void plan(Exchange exchange) {
        Conversation conversation = Exchanges.conversationOrNull(exchange);
        // One that has set out already is of an earlier call: a route may ask more than once.
        if (conversation == null || conversation.decision() != null) {
            conversation = requests.fromMessage(exchange.getMessage());
            Exchanges.set(exchange, conversation);
        }
        navigator.setOut(conversation);
        headFor(exchange, conversation);
    }

    /** After a failure: where to now? */
    public void decide(Exchange exchange) {
        Conversation conversation = Exchanges.conversation(exchange);
        navigator.goOn(conversation, exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class));
        headFor(exchange, conversation);
    }

    private void headFor(Exchange exchange, Conversation conversation) {
        exchange.setProperty(Exchanges.NEXT, routes.next(conversation));
    }

    /** No target can answer: what stands in does. */
    public void lastResort(Exchange exchange) {
        Conversation conversation = Exchanges.conversation(exchange);
        if (conversation.decision() instanceof Resort resort) {
            LastResortAnswer lastResort = resort.lastResort();
            conversation.answering(lastResort, clock.millis());
            conversation.reply().note("bactrian answered by " + lastResort);
            conversation.reply().document(Json.bytes(lastResort.document()), lastResort.document());
            conversation.reply().complete();
        }
    }

    /** Nobody answers: makes the error that the caller gets. */
    public void exhausted(Exchange exchange) {
        Conversation conversation = Exchanges.conversation(exchange);
        // What became of one of several that were asked at once is not the caller's to know.
        if (!conversation.isRacer()) {
            conversation.fail(problem(conversation, conversation.decision()));
        }
    }

    private Problem problem(Conversation conversation, @Nullable Decision decision) {
        boolean left = decision instanceof GiveUp giveUp && giveUp.cause() == Cause.CANCELLED;
        Failure broken = conversation.spoken().broken();
        if (broken != null && !left) {
            return Problems.broken(broken, conversation.trail());
        }
        if (decision instanceof Return verdict) {
            return Problems.of(verdict.failure(), conversation.trail());
        }
        if (decision instanceof GiveUp giveUp && !left) {
            return Problems.of(giveUp, conversation.plan(), conversation.trail(), clock.millis());
        }
        return new Problem(
                499,
                "cancelled",
                null,
                null,
                "The caller left.",
                null,
                null,
                List.copyOf(conversation.trail().calls()));
    }

    /** The end of every request: one log line, the counts, and the outcome as a message. */
    public void done(Exchange exchange) {
        Conversation conversation = Exchanges.conversation(exchange);
        observer.done(conversation);
        lastResorts.remember(conversation);
        Messages.describe(conversation, exchange.getMessage());
        if (conversation.problem() != null) {
            exchange.setException(new AllProvidersFailedException(conversation.problem()));
        }
    }
}
