package io.bactrian.health;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The last times of one kind that were measured, of which those count that are recent. Thread-safe, without a lock. */
final class LatencyWindow {
    static final int SIZE = 100;
    static final long RECENT_MILLIS = Duration.ofMinutes(15).toMillis();

    /** One or two calls may have had to open a connection first. */
    static final int MIN_FOR_MEDIAN = 3;

    static final int MIN_FOR_P95 = 20;

    /** What is known is looked at again after so many more, or so long after if there are fewer. */
    private static final int RECALCULATE_AFTER_SAMPLES = 25;

    private static final long RECALCULATE_AFTER_MILLIS = 100;
    /** What nobody adds to only grows old. */
    private static final long RECALCULATE_IDLE_AFTER_MILLIS = 1_000;

    /** A sample is one number: when it was taken and, in the lower bits, how long it took (up to 70 minutes). */
    private static final int BITS = 22;

    private static final long MAX_MILLIS = (1L << BITS) - 1;

    private final AtomicLongArray ring = new AtomicLongArray(SIZE);
    private final AtomicInteger written = new AtomicInteger();
    private volatile Quantiles quantiles = new Quantiles(0, 0, 0, null, null);

    /**
     * What the samples say.
     *
     * @param written how many had been written when it was worked out
     * @param at when that was, epoch milliseconds
     * @param recent of how many samples
     * @param median null if they are too few
     * @param p95 null if they are too few
     */
    record Quantiles(
            int written,
            long at,
            int recent,
            @Nullable Duration median,
            @Nullable Duration p95) {}

    void add(long millis, long now) {
        int place = Math.floorMod(written.getAndIncrement(), SIZE);
        ring.set(place, now << BITS | Math.clamp(millis, 0, MAX_MILLIS));
    }

    /** How many have ever been added; only good for telling whether there are more than before. */
    int written() {
        return written.get();
    }

    Quantiles quantiles(long now) {
        Quantiles known = quantiles;
        int more = written.get() - known.written;
        long age = now - known.at;
        boolean holds = more == 0
                ? age < RECALCULATE_IDLE_AFTER_MILLIS
                : known.recent == SIZE && more < RECALCULATE_AFTER_SAMPLES && age < RECALCULATE_AFTER_MILLIS;
        if (holds) {
            return known;
        }
        Quantiles fresh = workOut(now);
        quantiles = fresh;
        return fresh;
    }

    private Quantiles workOut(long now) {
        int upTo = written.get();
        long[] recent = new long[SIZE];
        int count = 0;
        for (int i = 0; i < SIZE; i++) {
            long sample = ring.get(i);
            if (sample != 0 && now - (sample >>> BITS) < RECENT_MILLIS) {
                recent[count++] = sample & MAX_MILLIS;
            }
        }
        Arrays.sort(recent, 0, count);
        return new Quantiles(
                upTo,
                now,
                count,
                count < MIN_FOR_MEDIAN ? null : Duration.ofMillis(rank(recent, count, 0.5)),
                count < MIN_FOR_P95 ? null : Duration.ofMillis(rank(recent, count, 0.95)));
    }

    /** The smallest of them that is no less than this share of all. */
    private static long rank(long[] sorted, int count, double share) {
        return sorted[(int) Math.ceil(share * count) - 1];
    }
}
