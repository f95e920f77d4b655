package io.bactrian.page;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The last measured times of one kind, of which only those of the last minutes count. Thread-safe, without a lock. */
final class RecentTimes {
    static final int SIZE = 256;
    static final long RECENT_MILLIS = 600_000;
    static final int MIN_FOR_P95 = 20;

    /** A sample is one number: when it was taken and, in the lower bits, the time (up to 70 minutes). 0 = none. */
    private static final int BITS = 22;

    private static final long MAX_MILLIS = (1L << BITS) - 1;

    private final AtomicLongArray samples = new AtomicLongArray(SIZE);
    private final AtomicInteger next = new AtomicInteger();

    /**
     * Quantiles in milliseconds.
     *
     * @param p95 null below 20 samples
     */
    record Quantiles(long p50, @Nullable Long p95) {}

    void add(long millis, long now) {
        int index = Math.floorMod(next.getAndIncrement(), SIZE);
        samples.lazySet(index, now << BITS | Math.max(0, Math.min(millis, MAX_MILLIS)));
    }

    /** The quantiles of the recent times; null if there are none. */
    @Nullable
    Quantiles quantiles(long now) {
        long[] recent = new long[SIZE];
        int count = 0;
        for (int i = 0; i < SIZE; i++) {
            long sample = samples.get(i);
            if (sample != 0 && (sample >>> BITS) >= now - RECENT_MILLIS) {
                recent[count++] = sample & MAX_MILLIS;
            }
        }
        if (count == 0) {
            return null;
        }
        Arrays.sort(recent, 0, count);
        return new Quantiles(
                recent[(count - 1) / 2], count < MIN_FOR_P95 ? null : (Long) recent[(int) Math.ceil(count * 0.95) - 1]);
    }
}
