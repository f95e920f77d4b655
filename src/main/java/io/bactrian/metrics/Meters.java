package io.bactrian.metrics;

import io.bactrian.chat.Conversation;
import io.bactrian.chat.Drilled;
import io.bactrian.chat.Labels;
import io.bactrian.chat.Problem;
import io.bactrian.chat.Trail;
import io.bactrian.chat.Usage;
import io.bactrian.config.Target;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.routing.Observer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Counts and times what happens, per target and in all. Thread-safe. */
public final class Meters implements Observer {
    private static final double[] QUANTILES = {0.5, 0.9, 0.99};
    /** Callers name models of their own; beyond so many they share one row. */
    private static final int MOST_TARGETS = 500;

    private static final String OTHER = "other";

    private final MeterRegistry registry;
    private final Clock clock;
    private final Counter fallbacks;
    private final Counter degraded;
    private final Counter rescued;
    private final Counter malformed;
    private final Counter unclassified;
    private final Map<String, Counter> outcomes = new ConcurrentHashMap<>();
    private final Map<String, TokenMeters> tokens = new ConcurrentHashMap<>();
    private final Map<Drilled.Call, Counter> drills = new ConcurrentHashMap<>();
    private final Map<String, TargetMeters> targets = new ConcurrentHashMap<>();

    public Meters(MeterRegistry registry, Clock clock) {
        this.registry = registry;
        this.clock = clock;
        fallbacks = Counter.builder("bactrian.fallbacks")
                .description("Requests that another candidate than the first one answered")
                .register(registry);
        degraded = Counter.builder("bactrian.degraded")
                .description("Answers that are not the best ones")
                .register(registry);
        rescued = Counter.builder("bactrian.rescued")
                .description("Streams that broke off after words were spoken and were finished all the same")
                .register(registry);
        malformed = Counter.builder("bactrian.malformed.events")
                .description("Events of providers' streams that were not JSON and were skipped")
                .register(registry);
        unclassified = Counter.builder("bactrian.unclassified")
                .description("Failures that no row of the classification knows")
                .register(registry);
    }

    /** What is counted and timed of one target. */
    public static final class TargetMeters {
        private final Timer answers;
        private final Map<FailureClass, Counter> failures = new ConcurrentHashMap<>();
        private volatile @Nullable LastFailure lastFailure;

        TargetMeters(Timer answers) {
            this.answers = answers;
        }

        public Timer answers() {
            return answers;
        }

        /** Failed calls by class. */
        public Map<FailureClass, Counter> failures() {
            return failures;
        }

        public @Nullable LastFailure lastFailure() {
            return lastFailure;
        }
    }

    /** @param at epoch milliseconds */
    public record LastFailure(Failure failure, long at) {}

    /** The meters of a target. */
    public TargetMeters of(Target target) {
        TargetMeters known = targets.get(target.name());
        if (known != null) {
            return known;
        }
        String name = targets.size() < MOST_TARGETS ? target.name() : OTHER;
        return targets.computeIfAbsent(
                name,
                n -> new TargetMeters(Timer.builder("bactrian.calls")
                        .description("Calls to providers that answered, until the whole answer")
                        .tag("target", n)
                        .publishPercentiles(QUANTILES)
                        .register(registry)));
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        TargetMeters meters = of(target);
        meters.failures
                .computeIfAbsent(failure.type(), type -> Counter.builder("bactrian.failures")
                        .description("Calls to providers that failed")
                        .tags("target", target.name(), "class", type.name())
                        .register(registry))
                .increment();
        if (failure.type() != FailureClass.CANCELLED) {
            meters.lastFailure = new LastFailure(failure, clock.millis());
        }
    }

    @Override
    public void answered(Target target, long millis) {
        of(target).answers.record(millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void malformed(Target target) {
        malformed.increment();
    }

    /** A failure that no row of the classification knows. */
    public void unclassified(Failure failure) {
        unclassified.increment();
    }

    @Override
    public void done(Conversation conversation) {
        outcomes.computeIfAbsent(outcome(conversation), o -> Counter.builder("bactrian.requests")
                        .description("Requests by how they ended")
                        .tag("outcome", o)
                        .register(registry))
                .increment();
        conversation.trail().calls().forEach(this::count);
        conversation.drilled().calls().forEach(this::count);
        if (conversation.answeredBy() != null && conversation.problem() == null) {
            if (Labels.fallbacks(conversation) > 0) {
                fallbacks.increment();
            }
            if (!conversation.spoken().rescues().isEmpty()) {
                rescued.increment();
            }
            if (!Labels.degraded(conversation).equals("false")) {
                degraded.increment();
            }
        }
    }

    private void count(Trail.Call call) {
        Usage usage = call.usage();
        if (usage != null) {
            String target = targets.containsKey(call.target()) ? call.target() : OTHER;
            TokenMeters meters =
                    tokens.computeIfAbsent(target, t -> new TokenMeters(tokens(t, "prompt"), tokens(t, "completion")));
            meters.prompt.increment(usage.prompt());
            meters.completion.increment(usage.completion());
        }
    }

    private void count(Drilled.Call call) {
        Drilled.Call row =
                drills.containsKey(call) || drills.size() < MOST_TARGETS ? call : new Drilled.Call(OTHER, call.fault());
        drills.computeIfAbsent(row, r -> Counter.builder("bactrian.drills")
                        .description("Calls that a drill has failed in a provider's place")
                        .tags("target", r.target(), "fault", r.fault().name())
                        .register(registry))
                .increment();
    }

    private record TokenMeters(Counter prompt, Counter completion) {}

    /** The tokens that calls to a target have cost. */
    public Usage tokens(Target target) {
        TokenMeters counted = tokens.get(target.name());
        return counted == null
                ? new Usage(0, 0)
                : new Usage((long) counted.prompt.count(), (long) counted.completion.count());
    }

    private Counter tokens(String target, String kind) {
        return Counter.builder("bactrian.tokens")
                .description(
                        "Tokens that calls to providers cost; those of answers that broke off are counted by their pieces")
                .tags("target", target, "kind", kind)
                .register(registry);
    }

    private static String outcome(Conversation conversation) {
        Problem problem = conversation.problem();
        if (conversation.hasLeft()) {
            return "cancelled";
        }
        return problem == null ? "answered" : problem.status() < 500 && problem.status() != 429 ? "refused" : "failed";
    }

    /** How many requests ended so: {@code answered}, {@code failed}, {@code refused} or {@code cancelled}. */
    public long requests(String outcome) {
        Counter counter = outcomes.get(outcome);
        return counter == null ? 0 : (long) counter.count();
    }

    public long fallbacks() {
        return (long) fallbacks.count();
    }

    public long rescued() {
        return (long) rescued.count();
    }

    /** How many events of providers' streams were skipped. */
    public long malformed() {
        return (long) malformed.count();
    }

    public long degraded() {
        return (long) degraded.count();
    }
}
