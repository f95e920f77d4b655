package io.bactrian.routing;

import io.bactrian.config.Api;
import io.bactrian.config.Limits;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.health.KeyPool;
import io.bactrian.health.KeyPool.Key;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Continuation;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.ConnectionPermits;
import io.bactrian.provider.DrillRunner;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.provider.Stopwatch;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.RequestContext;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** The first step of a call: says the request in the provider's protocol, takes a key, and sets the limits. Thread-safe. */
public final class EncodeStep implements Processor {
    /** While waiting in line, look so often whether the caller is still there. */
    private static final long LOOK_UP_MILLIS = 200;

    private final ProviderProtocol providerProtocol;
    private final KeyPool keyPool;
    private final Availability availability;
    private final AdHocBreakers adHoc;
    private final MissingCapabilities missing;
    private final Rescues rescues;
    private final Classifier classifier;
    private final DrillRunner drillRunner;
    private final ConnectionPermits permits;
    private final TargetLatencies latencies;
    private final Watchdog watchdog;
    private final Clock clock;

    public EncodeStep(
            ProviderProtocol providerProtocol,
            KeyPool keyPool,
            Availability availability,
            AdHocBreakers adHoc,
            MissingCapabilities missing,
            Rescues rescues,
            Classifier classifier,
            DrillRunner drillRunner,
            ConnectionPermits permits,
            TargetLatencies latencies,
            Watchdog watchdog,
            Clock clock) {
        this.providerProtocol = providerProtocol;
        this.keyPool = keyPool;
        this.availability = availability;
        this.adHoc = adHoc;
        this.missing = missing;
        this.rescues = rescues;
        this.classifier = classifier;
        this.drillRunner = drillRunner;
        this.permits = permits;
        this.latencies = latencies;
        this.watchdog = watchdog;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        RequestContext context = ExchangeProperties.conversation(exchange);
        Candidate candidate = context.candidate();
        long now = clock.millis();
        if (context.isCancelled()) {
            throw new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"));
        }
        CallOptions options = asking(context, candidate);
        boolean stream = options.stream();
        int others = context.plan().othersLeft(candidate, s -> availability.of(s.target(), now) == null);
        ProviderProtocol.Encoded encoded =
                providerProtocol.encode(request(context, options), candidate.target(), options);
        Key key = keyPool.take(candidate.target(), now);
        if (key == null) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "every key rests"));
        }
        Duration limit = limit(context, candidate, stream, others, now);
        DrillRunner.Order drill = drillRunner.of(context, candidate.target(), now);
        // Who is not asked takes nobody's turn.
        Semaphore slot = drill == null ? slot(context, candidate, limit) : new Semaphore(0);
        boolean measured = providerProtocol.asksModel() && drill == null;
        Stopwatch stopwatch = measured ? Stopwatch.start(latencies, candidate.target(), stream, clock) : Stopwatch.NONE;
        Attempt attempt = new Attempt(
                context,
                candidate,
                key,
                providerProtocol,
                classifier,
                others == 0 && !context.isRacer(),
                slot,
                stopwatch,
                watchdog,
                clock);
        context.currentCall().onEnd(() -> attempt.close(false));
        if (providerProtocol.asksModel()) {
            adHoc.enter(candidate, context);
        }
        context.call(options, key.number(), clock.millis());
        context.currentCall().dropped(encoded.dropped());
        if (limit == null) {
            attempt.expectOfLast(
                    firstToken(context, candidate), "first token", () -> anotherIsBack(context, candidate));
        } else {
            attempt.expect(limit, stream ? "first token" : "answer");
        }
        if (drill != null) {
            context.drilledCalls().add(candidate.target().name(), drill.fault());
            throw drillRunner.fail(drill, attempt);
        }

        ExchangeProperties.set(exchange, attempt);
        // Answers does that: what camel-http throws would be nobody's failure.
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
        Message message = exchange.getMessage();
        Map<String, Object> headers = new HashMap<>(encoded.headers());
        if (context.request().dialect() == CallerProtocol.MESSAGES
                && candidate.target().provider().api() == Api.ANTHROPIC) {
            headers.putAll(context.forwardedHeaders());
        }
        headers.put(Exchange.CONTENT_TYPE, "application/json");
        headers.put("Accept", stream ? "text/event-stream" : "application/json");
        message.setHeaders(headers);
        message.setBody(encoded.body());
    }

    private CallOptions asking(RequestContext context, Candidate candidate) {
        Set<Capability> without = missing.of(candidate.target());
        boolean stream = providerProtocol.asksModel()
                && UpstreamStreaming.asked(
                        context.request(), context.reply().streams(), candidate.target(), candidate.limits(), without);
        boolean begun = context.partialAnswer().broken() != null;
        Rescue way = begun ? rescues.way(candidate, context) : null;
        if (begun && way == null) {
            // Learned from another request in the meantime. A whole answer would be glued on to half of one.
            throw new CallFailed(Failure.of(FailureClass.UNSUPPORTED, "cannot go on from what was spoken"));
        }
        return new CallOptions(stream, without, providerProtocol.negotiable(context.request()), way);
    }

    private static ChatRequest request(RequestContext context, CallOptions options) {
        Rescue way = options.rescue();
        if (way == null) {
            return context.request();
        }
        Usage before = context.partialAnswer().usage();
        return Continuation.of(
                context.request(), context.partialAnswer().text(), before == null ? 0 : before.completion(), way);
    }

    /** How long the call may take until its first token, or until its answer; null for as long as nobody else could answer. */
    private @Nullable Duration limit(
            RequestContext context, Candidate candidate, boolean stream, int others, long now) {
        Limits limits = candidate.limits();
        if (!stream) {
            return responseTimeout(limits, context.plan(), others, now);
        }
        if (others > 0) {
            return firstToken(context, candidate);
        }
        // While a trial call is silent nobody else may ask the target.
        return availability.isWell(candidate.target(), now) ? null : limits.firstTokenTimeoutThinking();
    }

    private static Duration firstToken(RequestContext context, Candidate candidate) {
        boolean thinks = context.request().thinks() || candidate.target().thinks();
        return thinks
                ? candidate.limits().firstTokenTimeoutThinking()
                : candidate.limits().firstTokenTimeout();
    }

    private boolean anotherIsBack(RequestContext context, Candidate candidate) {
        long now = clock.millis();
        return context.plan().anotherIsBack(candidate, now, other -> availability.isWell(other.target(), now));
    }

    /** Waits for the provider's turn within the limit: that its line is full says nothing of its health. */
    private Semaphore slot(RequestContext context, Candidate candidate, @Nullable Duration limit) {
        Semaphore slot = permits.of(candidate.target().provider());
        if (slot.tryAcquire()) {
            return slot;
        }
        long now = clock.millis();
        long until = limit == null
                ? context.plan().deadlineAt()
                : Math.min(context.plan().deadlineAt(), now + limit.toMillis());
        try {
            while (!context.isCancelled() && clock.millis() < until) {
                if (slot.tryAcquire(Math.min(LOOK_UP_MILLIS, until - clock.millis()), TimeUnit.MILLISECONDS)) {
                    return slot;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new CallFailed(new Failure(
                FailureClass.CIRCUIT_OPEN,
                0,
                null,
                null,
                "BUSY",
                null,
                null,
                "every connection to the provider is taken"));
    }

    /** The others shall have their share of what is left of the deadline. */
    private static Duration responseTimeout(Limits limits, Plan plan, int others, long now) {
        Duration share = Duration.ofMillis(Math.max(1, (plan.deadlineAt() - now) / (others + 1)));
        return others == 0 || share.compareTo(limits.responseTimeout()) > 0 ? limits.responseTimeout() : share;
    }
}
