package io.bactrian.routing;

import io.bactrian.config.Limits;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.health.CallOutcomes;
import io.bactrian.health.CallOutcomes.Kind;
import io.bactrian.health.TrackedCall;
import io.bactrian.policy.Availability;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Omissions;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.DrillRunner;
import io.bactrian.provider.MissingCapabilities;
import io.bactrian.provider.Watchdog;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.RequestContext;
import io.bactrian.request.Stopping;
import io.bactrian.request.Waits;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** The first step of a call: writes the request in the provider's protocol, takes a key, and sets the limits. Thread-safe. */
public final class EncodeStep implements Processor {
    private final ProviderProtocol protocol;
    private final CallOutcomes outcomes;
    private final Availability availability;
    private final RouteNames routeNames;
    private final MissingCapabilities missing;
    private final Rescues rescues;
    private final Classifier classifier;
    private final DrillRunner drillRunner;
    private final Watchdog watchdog;
    private final Stopping stopping;
    private final Clock clock;

    public EncodeStep(
            ProviderProtocol protocol,
            CallOutcomes outcomes,
            Availability availability,
            RouteNames routeNames,
            MissingCapabilities missing,
            Rescues rescues,
            Classifier classifier,
            DrillRunner drillRunner,
            Watchdog watchdog,
            Stopping stopping,
            Clock clock) {
        this.protocol = protocol;
        this.outcomes = outcomes;
        this.availability = availability;
        this.routeNames = routeNames;
        this.missing = missing;
        this.rescues = rescues;
        this.classifier = classifier;
        this.drillRunner = drillRunner;
        this.watchdog = watchdog;
        this.stopping = stopping;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        RequestContext context = ExchangeProperties.context(exchange);
        Candidate candidate = context.candidate();
        long now = clock.millis();
        if (context.isCancelled()) {
            throw new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"));
        }
        CallOptions options = options(context, candidate);
        boolean stream = options.stream();
        int others = context.plan()
                .othersLeft(
                        candidate,
                        other -> availability.of(other.target(), now) == null && !availability.isDown(other.target()));
        ChatRequest asked = request(context, options);
        ProviderProtocol.Encoded encoded = protocol.encode(asked, candidate.target(), options);
        Duration limit = limit(context, candidate, stream, others, now);
        DrillRunner.Drill drill = context.isProbe() ? null : drillRunner.of(context, candidate.target(), now);
        TrackedCall tracked = context.isProbe()
                ? outcomes.beginProbe(candidate.target(), candidate.limits())
                : begin(context, candidate, drill, stream, limit);
        Attempt attempt = null;
        try {
            attempt = new Attempt(
                    context,
                    candidate,
                    tracked,
                    protocol,
                    classifier,
                    others == 0 && !context.isRacer(),
                    watchdog,
                    clock);
            Attempt made = attempt;
            context.currentCall().onEnd(() -> made.close(false));
            context.call(options, tracked);
        } finally {
            // Whatever is thrown here, the call does not count as made, so that nothing else would end it.
            if (attempt == null || !context.currentCall().isOpen()) {
                tracked.abandon();
            }
        }
        Map<String, String> forwarded = protocol.isNative(context.request()) ? context.forwardedHeaders() : Map.of();
        Map<String, String> passedOn = options.omissions().without(forwarded);
        context.currentCall().dropped(dropped(encoded.dropped(), forwarded, passedOn));
        context.currentCall()
                .sends(() -> protocol.encode(asked, candidate.target(), options).body(), passedOn);
        if (limit == null) {
            attempt.expectOfLast(
                    firstToken(context, candidate), "first token", () -> anotherIsBack(context, candidate));
        } else {
            attempt.expect(limit, stream ? "first token" : "answer");
        }
        if (drill != null) {
            context.drilledCalls().add(candidate.target().name(), drill.fault());
            context.currentCall().trace().drilled(drill.fault());
            throw drillRunner.fail(drill, attempt);
        }

        ExchangeProperties.set(exchange, attempt);
        // AnswerSteps decompresses: an exception inside camel-http would not be a failure of the provider.
        exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
        Message message = exchange.getMessage();
        Map<String, Object> headers = new HashMap<>(encoded.headers());
        headers.putAll(passedOn);
        headers.putAll(context.currentCall().trace().headers());
        headers.put(Exchange.CONTENT_TYPE, "application/json");
        headers.put("Accept", stream ? "text/event-stream" : "application/json");
        message.setHeaders(headers);
        message.setBody(encoded.body());
    }

    private CallOptions options(RequestContext context, Candidate candidate) {
        Omissions omissions =
                missing.omissions(candidate.target(), context.learner()).plus(context.leftOut(candidate.target()));
        Set<Capability> without = omissions.capabilities();
        boolean stream = protocol.asksModel()
                && UpstreamStreaming.appliesTo(
                        context.request(), context.reply().streams(), candidate.target(), candidate.limits(), without);
        boolean broken = context.partialAnswer().broken() != null;
        Rescue way = broken ? rescues.way(candidate, context) : null;
        if (broken && way == null) {
            // Another request has found a capability missing meanwhile. A whole answer must not follow a broken one.
            throw new CallFailed(Failure.of(FailureClass.UNSUPPORTED, "cannot continue the part that was sent"));
        }
        return new CallOptions(stream, without, omissions.fields(), protocol.negotiable(context.request()), way);
    }

    /** What was not sent: fields of the request, and headers of which a value is missing. */
    private static List<String> dropped(
            List<String> fields, Map<String, String> forwarded, Map<String, String> passedOn) {
        if (passedOn.equals(forwarded)) {
            return fields;
        }
        List<String> all = new ArrayList<>(fields);
        forwarded.forEach((name, value) -> {
            if (!value.equals(passedOn.get(name))) {
                all.add(name);
            }
        });
        return all;
    }

    private static ChatRequest request(RequestContext context, CallOptions options) {
        Rescue way = options.rescue();
        if (way == null || way == Rescue.REPLAY) {
            return context.request();
        }
        Usage before = context.partialAnswer().usage();
        return context.request()
                .protocol()
                .continuation(
                        context.request(),
                        context.partialAnswer().text(),
                        before == null ? 0 : before.completion(),
                        way);
    }

    /** The time until the first token, or until the answer; null for as long as no other candidate could answer. */
    private @Nullable Duration limit(
            RequestContext context, Candidate candidate, boolean stream, int others, long now) {
        Limits limits = candidate.limits();
        if (!stream) {
            return responseTimeout(limits, context.plan(), others, now);
        }
        if (others > 0) {
            return firstToken(context, candidate);
        }
        // A silent trial call keeps all other requests from the target.
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

    /** Takes a key and a connection permit, for which it waits no longer than the limit of the call. */
    private TrackedCall begin(
            RequestContext context,
            Candidate candidate,
            DrillRunner.@Nullable Drill drill,
            boolean stream,
            @Nullable Duration limit) {
        Target target = candidate.target();
        Kind kind = drill != null ? Kind.DRILL : protocol.asksModel() ? Kind.MODEL : Kind.OTHER;
        boolean guarded = protocol.asksModel() && !routeNames.has(target) && context.drill(target) == null;
        long deadline = context.plan().deadlineAt();
        long until = limit == null ? deadline : Math.min(deadline, clock.millis() + limit.toMillis());
        return outcomes.begin(
                target, candidate.limits(), kind, stream, candidate.isTrial(), guarded, waiting(context), until);
    }

    private CallOutcomes.Waiting waiting(RequestContext context) {
        return new CallOutcomes.Waiting() {
            @Override
            public boolean isCancelled() {
                return context.isCancelled() || stopping.begun();
            }

            @Override
            public String learner() {
                return context.learner();
            }

            @Override
            public void waitedSince(long from) {
                context.waits().since(from, Waits.Reason.SLOT);
            }
        };
    }

    /** The response timeout, or a shorter one that leaves every other candidate an equal share of the time to the deadline. */
    private static Duration responseTimeout(Limits limits, Plan plan, int others, long now) {
        Duration share = Duration.ofMillis(Math.max(1, (plan.deadlineAt() - now) / (others + 1)));
        return others == 0 || share.compareTo(limits.responseTimeout()) > 0 ? limits.responseTimeout() : share;
    }
}
