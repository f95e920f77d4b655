package io.bactrian.health;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The times of probes. All of them vary, so that the probes of several nodes do not meet. Thread-safe.
 *
 * <p>The next probe follows after a period; after ten, if no caller has asked for the target for an hour; after about one second,
 * if the target has failed once; and after ever longer times while it is down.
 */
final class ProbeSchedule {
    static final Duration IDLE_AFTER = Duration.ofHours(1);

    private static final int IDLE_FACTOR = 10;
    private static final double DOWN_FACTOR = 1.5;
    private static final Duration MAX_WHILE_DOWN = Duration.ofMinutes(5);
    private static final long SOON_MILLIS = 1_000;
    private static final long FIRST_WITHIN_MILLIS = 2_000;
    /** No regular time is longer than this many periods, so one that is has been left behind by a clock that jumped. */
    private static final int MOST_PERIODS = 12;

    private final long period;
    private final DoubleSupplier random;

    /** @param random 0..1 */
    ProbeSchedule(Duration period, DoubleSupplier random) {
        this.period = period.toMillis();
        this.random = random;
    }

    /** The first probe after the start, epoch milliseconds. */
    long first(long now) {
        return now + Math.round(Math.min(FIRST_WITHIN_MILLIS, period) * random.getAsDouble());
    }

    /** The probe after a first failure: about one second later. */
    long soon(long now) {
        return now + Math.round(SOON_MILLIS * (0.8 + 0.4 * random.getAsDouble()));
    }

    /**
     * The next regular probe.
     *
     * @param askedAt the last call of a caller, epoch milliseconds
     */
    long regular(long now, long askedAt) {
        boolean idle = now - askedAt > IDLE_AFTER.toMillis();
        return now + jittered(idle ? period * IDLE_FACTOR : period);
    }

    /**
     * The next probe of a target that is down.
     *
     * @param probes how many have failed since it is down, or since a caller last asked
     */
    long whileDown(long now, int probes) {
        double longer = period * Math.pow(DOWN_FACTOR, Math.max(0, Math.min(probes, 40) - 1));
        return now + jittered(Math.min(longer, Math.max(period, MAX_WHILE_DOWN.toMillis())));
    }

    /** Whether callers' requests have shown within the last period that the target is well, so that no probe is needed. */
    boolean isCovered(long now, long successAt) {
        return now >= successAt && now - successAt < period;
    }

    /** Whether a time is further away than any that was set. */
    boolean isTooFar(long now, long at) {
        return at - now > Math.max(MOST_PERIODS * period, 2 * MAX_WHILE_DOWN.toMillis());
    }

    private long jittered(double millis) {
        return Math.round(millis * (0.9 + 0.2 * random.getAsDouble()));
    }
}
