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

    /** What each target had cost in all when the day began. */
    private final Map<String, Double> atMidnight = new HashMap<>();

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
     * What the targets with a price have cost today, probes included; null if none has a price. Called at least once a day.
     *
     * @param dollars what a target has cost since the start
     */
    synchronized @Nullable Double today(Collection<Target> targets, ToDoubleFunction<Target> dollars, long now) {
        boolean first = day == Long.MIN_VALUE;
        boolean begins = now / DAY_MILLIS != day;
        day = now / DAY_MILLIS;
        Double sum = null;
        for (Target target : targets) {
            if (target.priceInput() == null && target.priceOutput() == null) {
                continue;
            }
            double all = dollars.applyAsDouble(target);
            if (begins && !first) {
                atMidnight.put(target.name(), all);
            }
            double today = all - atMidnight.getOrDefault(target.name(), 0.0);
            sum = sum == null ? today : sum + today;
        }
        return sum;
    }
}
