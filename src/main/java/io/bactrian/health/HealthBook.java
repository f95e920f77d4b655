package io.bactrian.health;

import io.bactrian.config.Target;
import java.time.Clock;

/** The health of every target, from the outcomes of calls and probes. Thread-safe. */
public final class HealthBook {
    private final long startedAt;

    public HealthBook(Clock clock) {
        this.startedAt = clock.millis();
    }

    /** What is known of a target now. */
    public HealthReport of(Target target) {
        return new HealthReport(
                target, HealthState.UNKNOWN, startedAt, null, 0, null, null, HealthReport.Evidence.NONE, null);
    }
}
