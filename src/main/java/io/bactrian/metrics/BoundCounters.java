package io.bactrian.metrics;

import io.bactrian.config.Bound;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;

/** The counters of the bounds that were reached, one for each kind. Thread-safe. */
public final class BoundCounters implements Consumer<Bound> {
    private final Map<Bound, Counter> counters = new EnumMap<>(Bound.class);

    public BoundCounters(MeterRegistry registry) {
        for (Bound bound : Bound.values()) {
            counters.put(
                    bound,
                    Counter.builder("bactrian.bounds")
                            .description("Requests, connections and answers that reached a bound")
                            .tag("bound", bound.label())
                            .register(registry));
        }
    }

    @Override
    public void accept(Bound reached) {
        Counter counter = counters.get(reached);
        if (counter != null) {
            counter.increment();
        }
    }
}
