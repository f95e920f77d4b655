package io.bactrian.metrics;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Usage;
import io.bactrian.request.RequestContext;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The tokens and dollars that calls cost, those of calls that failed or lost a race included. Thread-safe. */
public final class Spending {
    private static final List<String> PARTS = List.of("answered", "cancelled", "failed");

    private final MeterRegistry registry;
    private final Map<String, Meters> meters = new ConcurrentHashMap<>();

    Spending(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts one call, under the name of its target or of all those that are not told apart. */
    void count(RequestContext context, CallRecord call, String target) {
        Usage usage = call.usage();
        if (usage == null) {
            return;
        }
        String part = part(call);
        Meters counted = meters.computeIfAbsent(target + " " + part, t -> new Meters(registry, target, part));
        counted.prompt.increment(usage.prompt());
        counted.completion.increment(usage.completion());
        Double dollars = Cost.of(context, call);
        if (dollars != null) {
            counted.dollars.increment(dollars);
        }
    }

    /** What a call was to its request. */
    private static String part(CallRecord call) {
        Failure failure = call.failure();
        return failure == null ? "answered" : failure.type() == FailureClass.CANCELLED ? "cancelled" : "failed";
    }

    private static final class Meters {
        final Counter prompt;
        final Counter completion;
        final Counter dollars;

        Meters(MeterRegistry registry, String target, String part) {
            prompt = tokens(registry, target, part, "prompt");
            completion = tokens(registry, target, part, "completion");
            dollars = Counter.builder("bactrian.cost")
                    .description("What calls to providers cost, where prices are configured")
                    .baseUnit("dollars")
                    .tags("target", target, "call", part)
                    .register(registry);
        }

        private static Counter tokens(MeterRegistry registry, String target, String part, String kind) {
            return Counter.builder("bactrian.tokens")
                    .description(
                            "Tokens that calls to providers cost; those of answers that broke off are counted by their"
                                    + " pieces")
                    .tags("target", target, "call", part, "kind", kind)
                    .register(registry);
        }
    }

    /** The tokens that calls to a target have cost, whatever became of them. */
    public Usage tokens(Target target) {
        Usage sum = new Usage(0, 0);
        for (String part : PARTS) {
            Meters counted = meters.get(target.name() + " " + part);
            if (counted != null) {
                sum = sum.plus(new Usage((long) counted.prompt.count(), (long) counted.completion.count()));
            }
        }
        return sum;
    }

    /** What calls to a target have cost, in US dollars; 0 where its prices are unknown. */
    public double dollars(Target target) {
        double sum = 0;
        for (String part : PARTS) {
            Meters counted = meters.get(target.name() + " " + part);
            sum += counted == null ? 0 : counted.dollars.count();
        }
        return sum;
    }
}
