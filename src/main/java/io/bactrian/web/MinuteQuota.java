package io.bactrian.web;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * So many of something a minute: a bucket that fills evenly, is full at first, and may be overdrawn by what had not been
 * known before. Thread-safe.
 */
final class MinuteQuota {
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final long NANOS_A_MILLI = 1_000_000;

    private final int perMinute;
    private final Bucket bucket;

    MinuteQuota(int perMinute, Clock clock) {
        this.perMinute = perMinute;
        this.bucket = Bucket.builder()
                .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, PERIOD))
                .withCustomTimePrecision(new Meter(clock))
                .build();
    }

    private record Meter(Clock clock) implements TimeMeter {
        @Override
        public long currentTimeNanos() {
            return TimeUnit.MILLISECONDS.toNanos(clock.millis());
        }

        @Override
        public boolean isWallClockBased() {
            return true;
        }
    }

    int perMinute() {
        return perMinute;
    }

    /**
     * Takes an amount if there is as much.
     *
     * @param amount above 0
     * @return 0 if it was taken, else milliseconds until it could be; of more than the whole bucket that is never
     */
    long take(long amount) {
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(amount);
        return probe.isConsumed() ? 0 : Math.max(1, Math.ceilDiv(probe.getNanosToWaitForRefill(), NANOS_A_MILLI));
    }

    /** Takes an amount that has been spent already, or gives back one below 0. */
    void settle(long amount) {
        if (amount > 0) {
            bucket.consumeIgnoringRateLimits(amount);
        } else if (amount < 0) {
            bucket.addTokens(-amount);
        }
    }

    /** What may be taken now. */
    long left() {
        return Math.max(0, bucket.getAvailableTokens());
    }

    /** Milliseconds until it is full again if nobody takes anything. */
    long fullIn() {
        return Math.ceilDiv((perMinute - bucket.getAvailableTokens()) * PERIOD.toMillis(), perMinute);
    }
}
