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

/** The tokens and dollars spent on calls, including calls that failed or lost a race. Thread-safe. */
public final class Spending {
    private static final List<String> PARTS = List.of("answered", "cancelled", "failed");

    private final MeterRegistry registry;
    private final Map<String, CallMeters> meters = new ConcurrentHashMap<>();

    Spending(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Counts one call, under the name of its target or of the row that several targets share. */
    void count(RequestContext context, CallRecord call, String target) {
        Usage usage = call.usage();
        if (usage == null) {
            return;
        }
        String part = part(call);
        CallMeters counted = meters.computeIfAbsent(target + " " + part, t -> new CallMeters(registry, target, part));
        counted.prompt.increment(usage.prompt());
        counted.completion.increment(usage.completion());
        Double dollars = Cost.of(context, call);
        if (dollars != null) {
            counted.dollars.increment(dollars);
        }
    }

    /** The outcome of a call for its request. */
    private static String part(CallRecord call) {
        Failure failure = call.failure();
        return failure == null ? "answered" : failure.type() == FailureClass.CANCELLED ? "cancelled" : "failed";
    }

    private static final class CallMeters {
        final Counter prompt;
        final Counter completion;
        final Counter dollars;

        CallMeters(MeterRegistry registry, String target, String part) {
            prompt = tokens(registry, target, part, "prompt");
            completion = tokens(registry, target, part, "completion");
            dollars = Counter.builder("bactrian.cost")
                    .description("Cost of calls to providers, where prices are configured")
                    .baseUnit("dollars")
                    .tags("target", target, "call", part)
                    .register(registry);
        }

        private static Counter tokens(MeterRegistry registry, String target, String part, String kind) {
            return Counter.builder("bactrian.tokens")
                    .description("Tokens of calls to providers; those of answers that broke off are counted by their"
                            + " pieces")
                    .tags("target", target, "call", part, "kind", kind)
                    .register(registry);
        }
    }

    /** The tokens spent on calls to a target, whatever their outcome. */
    public Usage tokens(Target target) {
        Usage sum = new Usage(0, 0);
        for (String part : PARTS) {
            CallMeters counted = meters.get(target.name() + " " + part);
            if (counted != null) {
                sum = sum.plus(new Usage((long) counted.prompt.count(), (long) counted.completion.count()));
            }
        }
        return sum;
    }

    /** The cost of calls to a target in US dollars; 0 if its prices are unknown. */
    public double dollars(Target target) {
        double sum = 0;
        for (String part : PARTS) {
            CallMeters counted = meters.get(target.name() + " " + part);
            sum += counted == null ? 0 : counted.dollars.count();
        }
        return sum;
    }
}
