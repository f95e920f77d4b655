package io.bactrian.metrics;

import io.bactrian.chat.Conversation;
import io.bactrian.chat.Trail;
import io.bactrian.config.Target;
import io.bactrian.policy.Candidate;
import io.bactrian.protocol.Usage;
import org.jspecify.annotations.Nullable;

/** What calls cost, in US dollars, where the prices of their targets are configured. */
final class Cost {
    private static final double MILLION = 1_000_000;

    private Cost() {}

    /** The cost of one call; null if its usage or its target's prices are unknown. */
    static @Nullable Double of(Conversation conversation, Trail.Call call) {
        Usage usage = call.usage();
        Target target = target(conversation, call.target());
        if (usage == null || target == null || (target.priceInput() == null && target.priceOutput() == null)) {
            return null;
        }
        return (usage.prompt() * orNothing(target.priceInput()) + usage.completion() * orNothing(target.priceOutput()))
                / MILLION;
    }

    /** The cost of all calls of a request; null if that of none is known. */
    static @Nullable Double of(Conversation conversation) {
        Double sum = null;
        for (Trail.Call call : conversation.trail().calls()) {
            Double cost = of(conversation, call);
            if (cost != null) {
                sum = sum == null ? cost : sum + cost;
            }
        }
        return sum;
    }

    private static @Nullable Target target(Conversation conversation, String name) {
        for (Candidate candidate : conversation.plan().stops()) {
            if (candidate.target().name().equals(name)) {
                return candidate.target();
            }
        }
        return null;
    }

    private static double orNothing(@Nullable Double price) {
        return price == null ? 0 : price;
    }
}
