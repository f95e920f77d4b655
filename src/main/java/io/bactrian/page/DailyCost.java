package io.bactrian.page;

import io.bactrian.config.Target;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The cost in US dollars since midnight UTC. Thread-safe. */
final class DailyCost {
    private static final long DAY_MILLIS = 86_400_000;

    /** What each target had cost in all when last looked at. */
    private final Map<String, Double> seen = new HashMap<>();

    private double sum;

    private long day = Long.MIN_VALUE;
    private long probeDay = Long.MIN_VALUE;
    private double probes;

    /** Adds the cost of a probe. */
    synchronized void probe(double dollars, long now) {
        if (now / DAY_MILLIS != probeDay) {
            probeDay = now / DAY_MILLIS;
            probes = 0;
        }
        probes += dollars;
    }

    /** What probes have cost today. */
    synchronized double probes(long now) {
        return now / DAY_MILLIS == probeDay ? probes : 0;
    }

    /**
     * What targets have cost today, probes included, those that a reload has removed too; null if none has a price or had a cost.
     * Called at least once a day.
     *
     * @param dollars what a target has cost since the start
     */
    synchronized @Nullable Double today(Collection<Target> targets, ToDoubleFunction<Target> dollars, long now) {
        if (now / DAY_MILLIS != day) {
            day = now / DAY_MILLIS;
            sum = 0;
        }
        boolean priced = false;
        for (Target target : targets) {
            priced |= target.isPriced();
            double all = dollars.applyAsDouble(target);
            Double before = seen.put(target.name(), all);
            // A target that was removed and came back is counted from nothing again.
            sum += before == null || all < before ? all : all - before;
        }
        return priced || sum > 0 ? (Double) sum : null;
    }
}
