package io.bactrian.web;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A quota a minute: a token bucket that is full at first, fills evenly, and may be overdrawn by amounts that are known only
 * afterwards. Thread-safe.
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
     * @param amount above 0, and not more than the whole bucket, which could never be taken
     * @return 0 if it was taken, else the milliseconds until it could be
     */
    long take(long amount) {
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(amount);
        return probe.isConsumed() ? 0 : Math.max(1, Math.ceilDiv(probe.getNanosToWaitForRefill(), NANOS_A_MILLI));
    }

    /** Takes an amount that has been spent already; a negative one is given back. */
    void settle(long amount) {
        if (amount > 0) {
            bucket.consumeIgnoringRateLimits(amount);
        } else if (amount < 0) {
            bucket.addTokens(-amount);
        }
    }

    /** The amount that can be taken now; 0 if the bucket is overdrawn. */
    long left() {
        return Math.max(0, bucket.getAvailableTokens());
    }

    /** Milliseconds until the bucket is full again if nothing is taken. */
    long fullIn() {
        return Math.ceilDiv((perMinute - bucket.getAvailableTokens()) * PERIOD.toMillis(), perMinute);
    }
}
