package io.bactrian.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The counters of what was asked of the store in which several nodes share the limits of callers. Thread-safe. */
public final class SharedLimitCounters {
    private final Counter shared;
    private final Counter own;

    public SharedLimitCounters(MeterRegistry registry) {
        shared = counter(registry, "shared");
        own = counter(registry, "own");
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("bactrian.shared.limits")
                .description("Questions to the store of callers' limits, by what counted")
                .tag("result", result)
                .register(registry);
    }

    /** Counts a question; if the store did not answer, the limit of this node counted. */
    public void count(boolean answered) {
        (answered ? shared : own).increment();
    }
}
