package io.bactrian.metrics;

import io.bactrian.config.Target;
import io.bactrian.health.KeyPool;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Problem;
import io.bactrian.request.DrilledCalls;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.Observer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The meters of requests and calls, for each target and in total. Thread-safe. */
public final class Meters implements Observer {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    /** Targets with a row of their own; further ones share a row, because callers may name any model. */
    private static final int MAX_TARGETS = 500;

    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Clock clock;
    private final Counter fallbacks;
    private final Counter degraded;
    private final Counter rescued;
    private final Counter lastResortAnswers;
    private final Counter notKept;
    private final Counter malformed;
    private final Counter unclassified;
    private final Map<String, Counter> outcomes = new ConcurrentHashMap<>();
    private final Spending spending;
    private final Map<DrilledCalls.Call, Counter> drills = new ConcurrentHashMap<>();
    private final Map<String, TargetMeters> targets = new ConcurrentHashMap<>();

    public Meters(MeterRegistry registry, Clock clock) {
        this.registry = registry;
        this.spending = new Spending(registry);
        this.clock = clock;
        fallbacks = Counter.builder("bactrian.fallbacks")
                .description("Requests answered by another candidate than the first")
                .register(registry);
        degraded = Counter.builder("bactrian.degraded")
                .description("Answers labelled as degraded")
                .register(registry);
        rescued = Counter.builder("bactrian.rescued")
                .description("Streams that broke off after part of the answer was sent and were finished nevertheless")
                .register(registry);
        lastResortAnswers = Counter.builder("bactrian.last.resorts")
                .description("Requests answered by an earlier answer or a static text, because no target could")
                .register(registry);
        notKept = Counter.builder("bactrian.stale.dropped")
                .description("Good answers that were not stored for the stale step: the queue was full or the database"
                        + " failed")
                .register(registry);
        malformed = Counter.builder("bactrian.malformed.events")
                .description("Events of providers' streams that were not JSON and were skipped")
                .register(registry);
        unclassified = Counter.builder("bactrian.unclassified")
                .description("Failures that match no classification rule")
                .register(registry);
    }

    /** Registers the counter of calls with another key than the next in turn. */
    public void watch(KeyPool keyPool) {
        FunctionCounter.builder("bactrian.steered", keyPool, KeyPool::steered)
                .description("Calls with another key than the next in turn, whose quota was low or used up")
                .register(registry);
    }

    /**
     * The last failure of a target.
     *
     * @param at epoch milliseconds
     */
    public record LastFailure(Failure failure, long at) {}

    /** The meters of a target. */
    public TargetMeters of(Target target) {
        TargetMeters existing = targets.get(target.name());
        if (existing != null) {
            return existing;
        }
        String name = targets.size() < MAX_TARGETS ? target.name() : OTHER;
        return targets.computeIfAbsent(
                name,
                n -> new TargetMeters(
                        Timer.builder("bactrian.calls")
                                .description("Successful calls to providers, until the whole answer")
                                .tag("target", n)
                                .publishPercentiles(QUANTILES)
                                .register(registry),
                        Counter.builder("bactrian.cancelled")
                                .description("Cancelled calls: the caller left, or another target was quicker")
                                .tag("target", n)
                                .register(registry)));
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        if (failure.type() == FailureClass.CANCELLED) {
            cancelled(target);
            return;
        }
        TargetMeters meters = of(target);
        meters.failures()
                .computeIfAbsent(failure.type(), type -> Counter.builder("bactrian.failures")
                        .description("Failed calls to providers")
                        .tags("target", target.name(), "class", type.name())
                        .register(registry))
                .increment();
        meters.failed(new LastFailure(failure, clock.millis()));
    }

    /** Counts a cancelled call, which is no failure: the caller left, or another target was quicker. */
    private void cancelled(Target target) {
        of(target).cancel();
    }

    @Override
    public void answered(Target target, long millis) {
        of(target).answers().record(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void malformed(Target target) {
        malformed.increment();
    }

    /** Counts a failure that matches no classification rule. */
    public void unclassified(Failure failure) {
        unclassified.increment();
    }

    /** Counts a good answer that was not stored. */
    public void notKept() {
        notKept.increment();
    }

    @Override
    public void done(RequestContext context) {
        outcomes.computeIfAbsent(outcome(context), o -> Counter.builder("bactrian.requests")
                        .description("Requests by outcome")
                        .tag("outcome", o)
                        .register(registry))
                .increment();
        context.trail()
                .calls()
                .forEach(call ->
                        spending.count(context, call, targets.containsKey(call.target()) ? call.target() : OTHER));
        context.drilledCalls().calls().forEach(this::count);
        if (context.answered()) {
            if (ResponseHeaders.fallbacks(context) > 0) {
                fallbacks.increment();
            }
            if (context.lastResort() != null) {
                lastResortAnswers.increment();
            }
            if (!context.partialAnswer().rescues().isEmpty()) {
                rescued.increment();
            }
            if (!ResponseHeaders.degraded(context).equals("false")) {
                degraded.increment();
            }
        }
    }

    private void count(DrilledCalls.Call call) {
        DrilledCalls.Call row = drills.containsKey(call) || drills.size() < MAX_TARGETS
                ? call
                : new DrilledCalls.Call(OTHER, call.fault());
        drills.computeIfAbsent(row, r -> Counter.builder("bactrian.drills")
                        .description("Calls that a drill failed in place of the provider")
                        .tags("target", r.target(), "fault", r.fault().name())
                        .register(registry))
                .increment();
    }

    private static String outcome(RequestContext context) {
        Problem problem = context.problem();
        if (context.isCancelled()) {
            return "cancelled";
        }
        return problem == null ? "answered" : problem.status() < 500 && problem.status() != 429 ? "refused" : "failed";
    }

    /** The tokens and dollars spent on calls. */
    public Spending spending() {
        return spending;
    }

    /**
     * The number of requests with an outcome: {@code answered}, {@code failed}, {@code refused} or {@code cancelled}.
     */
    public long requests(String outcome) {
        Counter counter = outcomes.get(outcome);
        return counter == null ? 0 : (long) counter.count();
    }

    public long fallbacks() {
        return (long) fallbacks.count();
    }

    /** The number of requests answered by an earlier answer or a static text. */
    public long lastResorts() {
        return (long) lastResortAnswers.count();
    }

    /** The number of good answers that were not stored for the stale step. */
    public long staleDropped() {
        return (long) notKept.count();
    }

    public long rescued() {
        return (long) rescued.count();
    }

    /** The number of skipped events in streams of providers. */
    public long malformed() {
        return (long) malformed.count();
    }

    public long degraded() {
        return (long) degraded.count();
    }
}
