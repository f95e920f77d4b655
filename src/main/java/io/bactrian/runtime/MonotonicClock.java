package io.bactrian.runtime;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/** The time of day as it was at the start plus what has passed since: never jumps when the machine's clock is set. */
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
