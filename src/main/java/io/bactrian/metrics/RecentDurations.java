package io.bactrian.metrics;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/** The durations of the last calls that answered, of which only those of the last minutes count. Thread-safe, without a lock. */
public final class RecentDurations {
    private static final int SIZE = 256;
    private static final long RECENT_MILLIS = 5 * 60_000L;

    /** A sample is one number: its time and, in the lower bits, its duration in milliseconds (up to 70 minutes). */
    private static final int BITS = 22;

    private static final long MAX_MILLIS = (1L << BITS) - 1;

    private final AtomicLongArray ring = new AtomicLongArray(SIZE);
    private final AtomicInteger written = new AtomicInteger();

    void add(long millis, long now) {
        ring.setRelease(
                Math.floorMod(written.getAndIncrement(), SIZE), now << BITS | Math.clamp(millis, 0, MAX_MILLIS));
    }

    /** The recent durations in milliseconds, sorted; empty if no call answered of late. */
    private long[] recent(long now) {
        long[] recent = new long[SIZE];
        int count = 0;
        for (int i = 0; i < SIZE; i++) {
            long sample = ring.getAcquire(i);
            if (sample != 0 && now - (sample >>> BITS) < RECENT_MILLIS) {
                recent[count++] = sample & MAX_MILLIS;
            }
        }
        long[] sorted = Arrays.copyOf(recent, count);
        Arrays.sort(sorted);
        return sorted;
    }

    /**
     * Quantiles of the recent durations, in milliseconds and in the order asked for; empty if no call answered of late.
     *
     * @param now epoch milliseconds
     * @param shares 0..1
     */
    public long[] quantiles(long now, double... shares) {
        long[] sorted = recent(now);
        return sorted.length == 0
                ? sorted
                : Arrays.stream(shares)
                        .mapToLong(share -> sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)])
                        .toArray();
    }
}
