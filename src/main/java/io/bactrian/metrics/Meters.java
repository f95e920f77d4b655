package io.bactrian.metrics;

import io.bactrian.config.Config;
import io.bactrian.config.GenAiNames;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.KeyPool;
import io.bactrian.health.ProbeResult;
import io.bactrian.metrics.ChainMeters.Outcome;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.Usage;
import io.bactrian.request.DrilledCalls;
import io.bactrian.request.PartialAnswer;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.request.Waits;
import io.bactrian.routing.Observer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The meters of requests and calls, for each target and in total; {@code docs/metrics.md} lists them. The handles of meters are
 * looked up once, because it is told of every request. Thread-safe.
 */
public final class Meters implements Observer {
    /** The label of everything that only callers name. */
    static final String OTHER = "other";

    /** The labels in the place of a target that are none. */
    static final Set<String> NO_TARGETS = Set.of(OTHER, Fallbacks.NONE, "stale", "static");

    private static final int CALLER_LEFT = 499;

    private final MeterRegistry registry;
    private final Clock clock;
    private final Totals totals = new Totals();
    private final Timer overhead;
    private final Map<Waits.Reason, Timer> waits = new EnumMap<>(Waits.Reason.class);
    private final Counter notKept;
    private final Counter unclassified;
    private final Counter reloaded;
    private final Counter refused;
    private volatile MeterTable table;

    public Meters(MeterRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        table = MeterTable.empty(registry, new GenAi(registry, GenAiNames.V1_41));
        overhead = Timer.builder("bactrian.overhead")
                .description("The gateway's own time in a request, without its calls and waits")
                .serviceLevelObjectives(Buckets.OVERHEAD)
                .register(registry);
        for (Waits.Reason reason : Waits.Reason.values()) {
            waits.put(
                    reason,
                    Timer.builder("bactrian.waits")
                            .description("Waits of requests, in which no call was made")
                            .tag("reason", reason.name().toLowerCase(Locale.ROOT))
                            .serviceLevelObjectives(Buckets.WAIT)
                            .register(registry));
        }
        notKept = Counter.builder("bactrian.stale.dropped")
                .description("Good answers that were not stored for the stale step: the queue was full or the database"
                        + " failed")
                .register(registry);
        unclassified = Counter.builder("bactrian.unclassified")
                .description("Failures that match no classification rule")
                .register(registry);
        reloaded = reloads("loaded");
        refused = reloads("refused");
    }

    private Counter reloads(String result) {
        return Counter.builder("bactrian.reloads")
                .description("Changed configurations, loaded or refused")
                .tag("result", result)
                .register(registry);
    }

    /** Registers the counter of calls with another key than the next in turn. */
    public void watch(KeyPool keyPool) {
        FunctionCounter.builder("bactrian.steered", keyPool, KeyPool::steered)
                .description("Calls with another key than the next in turn, whose quota was low or used up")
                .register(registry);
    }

    /** Notes the configuration that serves from now on: its targets and chains have labels of their own. */
    public synchronized void serve(Config config) {
        MeterTable before = table;
        table = before.of(config);
        table.removeOthers(config, before);
    }

    /**
     * The last failure of a target.
     *
     * @param at epoch milliseconds
     */
    public record LastFailure(Failure failure, long at) {}

    /** The meters of a target. */
    public TargetMeters of(Target target) {
        return table.of(target);
    }

    /** The counts of requests since the start. */
    public Totals totals() {
        return totals;
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        of(target).failed(target.service(), failure, millis, clock.millis());
    }

    @Override
    public void answered(Target target, long millis) {
        of(target).answered(target.service(), millis, clock.millis());
    }

    @Override
    public void firstToken(Target target, long millis) {
        of(target).firstToken(target.service(), millis);
    }

    @Override
    public void malformed(Target target) {
        totals.malformedEvent();
        of(target).malformed();
    }

    @Override
    public void probed(ProbeResult result) {
        TargetMeters meters = of(result.target());
        Failure failure = result.failure();
        meters.probed(failure == null ? "OK" : failure.type().name(), result.millis());
        if (result.dollars() > 0) {
            meters.cost("probe", result.dollars());
        }
    }

    /** Counts a failure that matches no classification rule. */
    public void unclassified(Failure failure) {
        unclassified.increment();
    }

    /** Counts a good answer that was not stored. */
    public void notKept() {
        notKept.increment();
    }

    /** The number of good answers that were not stored for the stale step. */
    public long staleDropped() {
        return (long) notKept.count();
    }

    /** Counts a changed configuration. */
    public void reloaded(boolean loaded) {
        (loaded ? reloaded : refused).increment();
    }

    /**
     * Counts a message about an alert.
     *
     * @param channel the kind of channel, such as {@code webhook}; never an address
     * @param sent false if it was given up
     */
    public void alertMessage(String channel, boolean sent) {
        Counter.builder("bactrian.alert.messages")
                .description("Messages about alerts, sent or given up")
                .tags("channel", channel, "result", sent ? "sent" : "failed")
                .register(registry)
                .increment();
    }

    @Override
    public void done(RequestContext context) {
        long now = System.nanoTime();
        MeterTable meters = table;
        ChainMeters chain = meters.of(context.chain());
        Outcome outcome = outcome(context);
        chain.request(context.arrival().door(), outcome);
        totals.ended(outcome);
        times(context, meters, chain, now);
        List<CallRecord> calls = context.trail().calls();
        for (CallRecord call : calls) {
            spent(context, meters, call);
        }
        for (DrilledCalls.Call drilled : context.drilledCalls().calls()) {
            meters.named(drilled.target()).drilled(drilled.fault().name());
        }
        for (Candidate candidate : context.plan().candidates()) {
            String reason = candidate.skipped();
            if (reason != null) {
                meters.of(candidate.target()).skipped(reason);
            }
        }
        for (Fallbacks.Step step : Fallbacks.of(context, calls)) {
            String to = NO_TARGETS.contains(step.to()) ? step.to() : meters.label(step.to());
            chain.fallback(new Fallbacks.Step(meters.label(step.from()), to, step.type()));
        }
        context.hedges().forEach(chain::hedge);
        rescues(context, meters);
        if (context.answered()) {
            answered(context, chain);
        }
    }

    private void times(RequestContext context, MeterTable meters, ChainMeters chain, long now) {
        Service service = context.request().protocol().service();
        long arrived = context.arrival().nanos();
        if (context.answered() && !context.callerLeft()) {
            Candidate by = context.answeredBy();
            String provider = by == null ? "" : meters.of(by.target()).provider();
            ChainMeters.Answers answers = chain.answers(service, provider);
            answers.duration.record(now - arrived, TimeUnit.NANOSECONDS);
            long first = context.firstWordAt();
            if (first != 0 && context.reply().streams()) {
                answers.firstToken.get().record(first - arrived, TimeUnit.NANOSECONDS);
                Usage usage = context.usage();
                if (usage != null && usage.completion() > 1) {
                    answers.perToken.get().record((now - first) / (usage.completion() - 1), TimeUnit.NANOSECONDS);
                }
            }
        } else {
            chain.error(service, status(context)).record(now - arrived, TimeUnit.NANOSECONDS);
        }
        overhead.record(Overhead.nanos(context, now), TimeUnit.NANOSECONDS);
        for (Waits.Wait wait : context.waits().all()) {
            Timer timer = waits.get(wait.reason());
            if (timer != null) {
                timer.record(wait.span().to() - wait.span().from(), TimeUnit.NANOSECONDS);
            }
        }
    }

    private static int status(RequestContext context) {
        Problem problem = context.problem();
        return problem == null || context.callerLeft() ? CALLER_LEFT : Math.clamp(problem.status(), 400, 599);
    }

    private static void spent(RequestContext context, MeterTable meters, CallRecord call) {
        Usage usage = call.usage();
        Target target = usage == null ? null : Cost.target(context, call.target());
        if (usage == null || target == null) {
            return;
        }
        TargetMeters of = meters.of(target);
        of.spent(context.request().protocol().service(), usage);
        Double dollars = Cost.of(target, usage);
        if (dollars != null) {
            of.cost(part(call), dollars);
        }
    }

    /** The outcome of a call for its request. */
    private static String part(CallRecord call) {
        Failure failure = call.failure();
        return failure == null ? "answered" : failure.type() == FailureClass.CANCELLED ? "cancelled" : "failed";
    }

    private void rescues(RequestContext context, MeterTable meters) {
        PartialAnswer partial = context.partialAnswer();
        Failure broken = partial.broken();
        if (broken == null || broken.type() == FailureClass.CANCELLED) {
            // It did not break off: its caller left.
            return;
        }
        String end = context.callerLeft() ? "cancelled" : context.problem() == null ? "finished" : "failed";
        List<PartialAnswer.Rescued> steps = partial.steps();
        for (int i = 0; i < steps.size(); i++) {
            PartialAnswer.Rescued step = steps.get(i);
            String result = i < steps.size() - 1 ? "failed" : end;
            rescue(
                    meters.label(step.from()),
                    meters.label(step.by()),
                    step.way().name().toLowerCase(Locale.ROOT),
                    result);
        }
        if (steps.isEmpty()) {
            rescue(meters.label(partial.brokenAt()), Fallbacks.NONE, Fallbacks.NONE, end);
        }
    }

    /** Rare, so that the meter is looked up each time. */
    private void rescue(String from, String to, String way, String result) {
        Counter.builder("bactrian.rescues")
                .description("Streams that broke off after part of the answer was sent")
                .tags("from", from, "to", to, "way", way, "result", result)
                .register(registry)
                .increment();
    }

    private void answered(RequestContext context, ChainMeters chain) {
        if (ResponseHeaders.fallbacks(context) > 0) {
            totals.fellBack();
        }
        LastResortAnswer lastResort = context.lastResort();
        if (lastResort != null) {
            totals.usedLastResort();
            chain.lastResort(lastResort.kind());
        }
        if (!context.partialAnswer().rescues().isEmpty()) {
            totals.wasRescued();
        }
        String degraded = ResponseHeaders.degraded(context);
        if (!degraded.equals("false")) {
            totals.wasDegraded();
            for (String reason : List.of(degraded.split(", "))) {
                chain.degraded(reason);
            }
        }
    }

    private static Outcome outcome(RequestContext context) {
        Problem problem = context.problem();
        if (context.callerLeft()) {
            return Outcome.CANCELLED;
        }
        return problem == null
                ? Outcome.ANSWERED
                : problem.status() < 500 && problem.status() != 429 ? Outcome.REFUSED : Outcome.FAILED;
    }
}
