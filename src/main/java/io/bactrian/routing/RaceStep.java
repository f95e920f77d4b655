package io.bactrian.routing;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.FailedAttempt;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.request.LogContext;
import io.bactrian.request.RequestContext;
import io.bactrian.selection.HedgeShare;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The step of the route {@code race}: calls the candidates of a group, and decides on the next step. Thread-safe. */
public final class RaceStep {
    private static final Logger LOG = LoggerFactory.getLogger(RaceStep.class);
    /** The hedge delay for a target whose latencies are not known well enough. */
    private static final Duration DEFAULT_HEDGE_DELAY = Duration.ofSeconds(2);

    private final Navigator navigator;
    private final RouteNames routeNames;
    private final HedgeShare share;
    private final FirstTokenLatency latency;
    private final MissingCapabilities missing;
    private final ProducerTemplate template;

    /** A source of the recent latencies of targets. */
    @FunctionalInterface
    public interface FirstTokenLatency {
        /**
         * The 95th percentile of a target's recent time to first token.
         *
         * @param stream true if it is asked for a stream
         * @return null if too few calls have been measured
         */
        @Nullable
        Duration p95(Target target, boolean stream);
    }

    public RaceStep(
            Navigator navigator,
            RouteNames routeNames,
            HedgeShare share,
            FirstTokenLatency latency,
            MissingCapabilities missing,
            ProducerTemplate template) {
        this.navigator = navigator;
        this.routeNames = routeNames;
        this.share = share;
        this.latency = latency;
        this.missing = missing;
        this.template = template;
    }

    /** Calls several candidates; if none of them answers, decides on the next step. */
    public void run(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        if (!(context.decision() instanceof AskGroup askGroup)) {
            throw new IllegalStateException("the decision names no group");
        }
        Race race = new Race(
                context,
                askGroup,
                part -> ask(exchange, part),
                candidate -> slowAfter(context, candidate),
                mayHedge(context, askGroup));
        RequestContext won = race.run();
        FailedAttempt broken = won == null ? null : won.handedOver();
        if (won != null && broken == null && won.decision() instanceof Decision.Ask) {
            exchange.setProperty(ExchangeProperties.DECISION, RouteNames.ANSWERED);
            return;
        }
        Optional<Decision> returned = race.decisions().stream()
                .filter(Decision.ReturnFailure.class::isInstance)
                .findFirst();
        if (won != null && broken != null) {
            navigator.next(context, won.plan().candidates().getFirst(), broken);
        } else if (returned.isPresent() && !context.isCancelled()) {
            context.decide(returned.get());
        } else {
            navigator.next(context, askGroup);
        }
        routeNames.direct(exchange, context);
    }

    private void ask(Exchange exchange, RequestContext part) {
        LogContext.set(part.id(), part.trace().id());
        Exchange own = new DefaultExchange(exchange.getContext());
        ExchangeProperties.set(own, part);
        try {
            template.send("direct:" + routeNames.of(part.candidate().target(), part), own);
        } finally {
            part.currentCall().end();
            // Camel may lose an error that no step could handle; a part that still asks has neither an answer nor a
            // failure.
            if (own.getException() != null || (part.decision() instanceof Decision.Ask && !part.isWhole())) {
                LOG.error("Request {} failed inside the gateway", part.id(), own.getException());
                Failure fault = Failure.of(FailureClass.SERVER_ERROR, "an error inside the gateway");
                part.handOver(new FailedAttempt(
                        fault, 0, false, false, AnotherWay.NO, part.reply().committed()));
            }
        }
    }

    private BooleanSupplier mayHedge(RequestContext context, AskGroup askGroup) {
        if (askGroup.kind() != Chain.Kind.HEDGE) {
            return () -> true;
        }
        HedgeShare.Ticket ticket =
                share.request(context.chain().name(), context.plan().limits().hedgeShare());
        return ticket::hedge;
    }

    private Duration slowAfter(RequestContext context, Candidate candidate) {
        Duration fixed = candidate.limits().hedgeDelay();
        if (fixed != null) {
            return fixed;
        }
        boolean streams = UpstreamStreaming.appliesTo(
                context.request(),
                context.reply().streams(),
                candidate.target(),
                candidate.limits(),
                missing.of(candidate.target(), context.learner()));
        Duration p95 = latency.p95(candidate.target(), streams);
        return p95 == null ? DEFAULT_HEDGE_DELAY : p95;
    }
}
