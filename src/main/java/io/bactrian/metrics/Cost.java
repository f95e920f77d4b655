package io.bactrian.metrics;

import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Usage;
import io.bactrian.request.RequestContext;
import org.jspecify.annotations.Nullable;

/** The cost of calls in US dollars, where the prices of their targets are configured. Stateless. */
final class Cost {
    private Cost() {}

    /** The cost of one call; null if its usage or the prices of its target are unknown. */
    static @Nullable Double of(RequestContext context, CallRecord call) {
        Usage usage = call.usage();
        Target target = target(context, call.target());
        return usage == null || target == null ? null : of(target, usage);
    }

    /** The cost of these tokens at the prices of a target; null if they are unknown. */
    static @Nullable Double of(Target target, Usage usage) {
        return target.isPriced() ? (Double) target.dollars(usage.prompt(), usage.completion()) : null;
    }

    /** The cost of all calls of a request; null if that of none is known. */
    static @Nullable Double of(RequestContext context) {
        Double sum = null;
        for (CallRecord call : context.trail().calls()) {
            Double cost = of(context, call);
            if (cost != null) {
                sum = sum == null ? cost : sum + cost;
            }
        }
        return sum;
    }

    /** The target of this name among the candidates of a request; null if there is none. */
    static @Nullable Target target(RequestContext context, String name) {
        for (Candidate candidate : context.plan().candidates()) {
            if (candidate.target().name().equals(name)) {
                return candidate.target();
            }
        }
        return null;
    }
}
