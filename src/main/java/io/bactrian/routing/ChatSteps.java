package io.bactrian.routing;

import io.bactrian.config.Provider;
import io.bactrian.lastresort.LastResorts;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.ReturnFailure;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.ProviderProtocols;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.Cancellation;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.LogContext;
import io.bactrian.request.Problems;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestTrace;
import io.bactrian.request.Stopping;
import io.bactrian.trace.Traces;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of the routes {@code chat}, {@code target}, {@code last-resort} and {@code exhausted}, and the plan of
 * {@code count-tokens}. Thread-safe.
 */
public final class ChatSteps {
    private static final Logger LOG = LoggerFactory.getLogger(ChatSteps.class);
    private static final int INTERNAL_ERROR = 500;

    private final RequestPlanner planner;
    private final Navigator navigator;
    private final RouteNames routeNames;
    private final LastResorts lastResorts;
    private final ProviderProtocols protocols;
    private final Observer observer;
    private final Traces traces;
    private final Stopping stopping;
    private final Clock clock;

    public ChatSteps(
            RequestPlanner planner,
            Navigator navigator,
            RouteNames routeNames,
            LastResorts lastResorts,
            ProviderProtocols protocols,
            Observer observer,
            Traces traces,
            Stopping stopping,
            Clock clock) {
        this.planner = planner;
        this.navigator = navigator;
        this.routeNames = routeNames;
        this.lastResorts = lastResorts;
        this.protocols = protocols;
        this.observer = observer;
        this.traces = traces;
        this.stopping = stopping;
        this.clock = clock;
    }

    /**
     * Finds the chain and its candidates, and decides where to start.
     *
     * @throws RequestRejected if there is nothing to plan; a message that is the request itself then has the error as its body
     */
    public void plan(Exchange exchange) {
        InboundRequest inbound = ExchangeProperties.takeInbound(exchange);
        if (inbound != null) {
            plan(exchange, inbound, ExchangeProperties.trace(exchange));
            return;
        }
        ExchangeProperties.takeOver(exchange);
        String id = MessageHeaders.requestId(exchange.getMessage());
        RequestTrace trace = traces.on() ? traces.begin(MessageOrigin.of(exchange, id)) : RequestTrace.NONE;
        ExchangeProperties.set(exchange, LogContext.enter(id, trace.id()));
        try {
            InboundRequest message = RequestPlanner.read(exchange, id);
            counted(exchange, message.cancellation());
            plan(exchange, message, trace);
        } catch (RequestRejected e) {
            trace.end(null, e.status());
            ExchangeProperties.giveBack(exchange);
            MessageHeaders.reject(e, exchange.getMessage());
            throw e;
        } catch (RuntimeException e) {
            trace.end(null, INTERNAL_ERROR);
            ExchangeProperties.giveBack(exchange);
            throw e;
        }
    }

    /** Counts a message as a request in progress, until its exchange ends. */
    private void counted(Exchange exchange, Cancellation request) {
        stopping.enter(request);
        ExchangeEnd.then(exchange, done -> stopping.leave(request));
    }

    private void plan(Exchange exchange, InboundRequest inbound, RequestTrace trace) {
        RequestContext context = planner.plan(inbound);
        context.traced(trace);
        ExchangeProperties.set(exchange, context);
        navigator.start(context);
        routeNames.direct(exchange, context);
    }

    /**
     * Plans a count of tokens: by the first candidate alone, as other models count differently. A candidate that does not count
     * leads to an estimate.
     */
    public void planTokenCount(Exchange exchange) {
        RequestContext context = planner.plan(Objects.requireNonNull(ExchangeProperties.takeInbound(exchange)));
        context.traced(ExchangeProperties.trace(exchange));
        Candidate first = context.plan().candidates().getFirst();
        Provider provider = first.target().provider();
        ExchangeProperties.set(exchange, context);
        if (protocols.of(provider).tokenCounter() == null) {
            exchange.setProperty(ExchangeProperties.ROUTE, RouteNames.ESTIMATE);
            return;
        }
        context.decide(new Decision.Ask(first, 0, Decision.Wait.NONE));
        exchange.setProperty(ExchangeProperties.ROUTE, RouteNames.count(provider.name()));
    }

    /** Answers a request to count tokens with an estimate. */
    public static void estimateTokens(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        ChatRequest request = context.request();
        ExchangeProperties.setEstimate(exchange);
        context.reply()
                .document(
                        AnswerDocument.of(request.protocol(), request.protocol().estimate(request)));
        context.complete();
    }

    /** Decides where to go after a failure, and says so on the exchange. */
    public void decide(Exchange exchange) {
        ExchangeProperties.unhandle(exchange);
        RequestContext context = ExchangeProperties.context(exchange);
        String target = context.candidate().target().name();
        FailureClass type =
                navigator.next(context, exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class));
        exchange.setProperty(ExchangeProperties.TARGET, target);
        exchange.setProperty(ExchangeProperties.FAILURE_CLASS, type.name());
        routeNames.direct(exchange, context);
    }

    /** Answers with the last resort. */
    public void lastResort(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        if (context.decision() instanceof UseLastResort useLastResort) {
            LastResortAnswer lastResort = useLastResort.lastResort();
            context.answering(lastResort, clock.millis());
            context.reply().note("bactrian answered by " + lastResort);
            context.reply().document(AnswerDocument.of(context.request().protocol(), lastResort.document()));
            context.complete();
        }
    }

    /** No target answers: makes the error that the caller gets. */
    public void exhausted(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        // What became of one of several that were asked at once is not the caller's to know.
        if (!context.isRacer()) {
            context.fail(problem(context, context.decision()));
        }
    }

    /**
     * Ends a request that left its route without the step {@code done}, because of an error that no step could handle or by a
     * step of a user: as an error, unless the exchange has an exception already.
     */
    public void settle(Exchange exchange) {
        RequestContext context = ExchangeProperties.contextOrNull(exchange);
        if (context == null || context.isOver() || exchange.getException() != null) {
            return;
        }
        ExchangeProperties.unhandle(exchange);
        exchange.setRouteStop(false);
        done(exchange);
    }

    private Problem problem(RequestContext context, @Nullable Decision decision) {
        if (context.isStopped()) {
            return Problems.ofStop(context.trail());
        }
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
        RequestContext context = ExchangeProperties.context(exchange);
        if (!context.end()) {
            return;
        }
        if (context.problem() == null && !context.isWhole()) {
            LOG.error(
                    "Request {} ended without an answer or an error",
                    context.id(),
                    exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Throwable.class));
            context.currentCall().end();
            context.fail(Problems.internal(context.trail().calls()));
        }
        observer.done(context);
        lastResorts.remember(context);
        if (ExchangeProperties.isMessage(exchange)) {
            Problem problem = context.problem();
            context.trace().end(context, problem == null ? 0 : problem.status());
        }
        ExchangeProperties.giveBack(exchange);
        MessageHeaders.describe(context, exchange.getMessage());
        if (context.problem() != null) {
            exchange.setException(new NoTargetAnswered(context.problem()));
        }
    }
}
