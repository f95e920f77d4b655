package io.bactrian.quota;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A quota that this process alone knows. Thread-safe. */
final class MinuteQuota implements Quota {
    private static final Duration PERIOD = Duration.ofMinutes(1);
    private static final long NANOS_A_MILLI = 1_000_000;

    private final int perMinute;
    private final Clock clock;
    private final Bucket bucket;
    private volatile long filledAt = Long.MIN_VALUE;

    MinuteQuota(int perMinute, Clock clock) {
        this.perMinute = perMinute;
        this.clock = clock;
        this.bucket = Bucket.builder()
                .addLimit(limit(perMinute))
                .withCustomTimePrecision(new Meter(clock))
                .build();
    }

    /** The limit of a bucket that is full at first and fills evenly. */
    static Bandwidth limit(int perMinute) {
        return Bandwidth.builder()
                .capacity(perMinute)
                .refillGreedy(perMinute, PERIOD)
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

    @Override
    public int perMinute() {
        return perMinute;
    }

    @Override
    public Taking begin(long amount) {
        return Taking.known(millis(bucket.tryConsumeAndReturnRemaining(amount)));
    }

    /** The milliseconds until an amount can be taken; 0 if it was. */
    static long millis(ConsumptionProbe probe) {
        return probe.isConsumed() ? 0 : Math.max(1, Math.ceilDiv(probe.getNanosToWaitForRefill(), NANOS_A_MILLI));
    }

    @Override
    public void settle(long amount) {
        settle(bucket, amount);
    }

    /** Takes from a bucket what has been spent already; a negative amount is given back. */
    static void settle(Bucket bucket, long amount) {
        if (amount > 0) {
            bucket.consumeIgnoringRateLimits(amount);
        } else if (amount < 0) {
            bucket.addTokens(-amount);
        }
    }

    /** Has the bucket hold this much now, which is below 0 if it is overdrawn. */
    void fill(long amount) {
        settle(bucket.getAvailableTokens() - amount);
        filledAt = clock.millis();
    }

    /** Whether it was filled within so many milliseconds. */
    boolean wasFilledWithin(long millis) {
        return clock.millis() - millis <= filledAt;
    }

    @Override
    public void refresh() {
        // It is always up to date.
    }

    @Override
    public long left() {
        return Math.max(0, bucket.getAvailableTokens());
    }

    @Override
    public long fullIn() {
        return Math.ceilDiv((perMinute - bucket.getAvailableTokens()) * PERIOD.toMillis(), perMinute);
    }
}
