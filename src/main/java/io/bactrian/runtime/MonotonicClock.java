package io.bactrian.runtime;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/**
 * A clock that shows the time of day at its start plus the time elapsed since, unaffected by changes of the system
 * clock. Thread-safe.
 */
final class MonotonicClock extends Clock {
    private final long start = System.currentTimeMillis();
    private final long nanos = System.nanoTime();

    @Override
    public long millis() {
        return start + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(millis());
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}
