package io.bactrian.routing;

import io.bactrian.lastresort.LastResorts;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.ReturnFailure;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.policy.Failure;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.request.Problems;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/** The steps of the routes {@code chat}, {@code target} and {@code exhausted}. Thread-safe. */
public final class ChatSteps {
    private final RequestPlanner planner;
    private final Navigator navigator;
    private final RouteNames routeNames;
    private final LastResorts lastResorts;
    private final Observer observer;
    private final Clock clock;

    public ChatSteps(
            RequestPlanner planner,
            Navigator navigator,
            RouteNames routeNames,
            LastResorts lastResorts,
            Observer observer,
            Clock clock) {
        this.planner = planner;
        this.navigator = navigator;
        this.routeNames = routeNames;
        this.lastResorts = lastResorts;
        this.observer = observer;
        this.clock = clock;
    }

    /** Finds the chain and its candidates, and decides where to start. */
    public void plan(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversationOrNull(exchange);
        // One that has set out already is of an earlier call: a route may ask more than once.
        if (context == null || context.decision() != null) {
            context = planner.fromMessage(exchange.getMessage());
            ExchangeProperties.set(exchange, context);
        }
        navigator.start(context);
        headFor(exchange, context);
    }

    /** After a failure: where to now? */
    public void decide(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversation(exchange);
        navigator.next(context, exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class));
        headFor(exchange, context);
    }

    private void headFor(Exchange exchange, RequestContext context) {
        exchange.setProperty(ExchangeProperties.NEXT, routeNames.next(context));
    }

    /** No target can answer: what stands in does. */
    public void lastResort(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversation(exchange);
        if (context.decision() instanceof UseLastResort useLastResort) {
            LastResortAnswer lastResort = useLastResort.lastResort();
            context.answering(lastResort, clock.millis());
            context.reply().note("bactrian answered by " + lastResort);
            context.reply().document(Json.bytes(lastResort.document()), lastResort.document());
            context.reply().complete();
        }
    }

    /** Nobody answers: makes the error that the caller gets. */
    public void exhausted(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversation(exchange);
        // What became of one of several that were asked at once is not the caller's to know.
        if (!context.isRacer()) {
            context.fail(problem(context, context.decision()));
        }
    }

    private Problem problem(RequestContext context, @Nullable Decision decision) {
        boolean left = decision instanceof GiveUp giveUp && giveUp.cause() == Cause.CANCELLED;
        Failure broken = context.partialAnswer().broken();
        if (broken != null && !left) {
            return Problems.broken(broken, context.trail());
        }
        if (decision instanceof ReturnFailure returned) {
            return Problems.of(returned.failure(), context.trail());
        }
        if (decision instanceof GiveUp giveUp && !left) {
            return Problems.of(giveUp, context.plan(), context.trail(), clock.millis());
        }
        return new Problem(
                499,
                "cancelled",
                null,
                null,
                "The caller left.",
                null,
                null,
                List.copyOf(context.trail().calls()));
    }

    /** The end of every request: one log line, the counts, and the outcome as a message. */
    public void done(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversation(exchange);
        observer.done(context);
        lastResorts.remember(context);
        MessageHeaders.describe(context, exchange.getMessage());
        if (context.problem() != null) {
            exchange.setException(new AllProvidersFailedException(context.problem()));
        }
    }
}
