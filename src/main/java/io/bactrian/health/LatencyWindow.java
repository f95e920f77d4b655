package io.bactrian.health;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The last measured latencies of one kind, of which only the recent ones count. Thread-safe, without a lock. */
final class LatencyWindow {
    static final int SIZE = 100;
    static final long RECENT_MILLIS = Duration.ofMinutes(15).toMillis();

    /** One or two calls may have had to open a connection first. */
    static final int MIN_FOR_MEDIAN = 3;

    static final int MIN_FOR_P95 = 20;

    /** The quantiles of a full window are recalculated after this many new samples, or after this time. */
    private static final int RECALCULATE_AFTER_SAMPLES = 25;

    private static final long RECALCULATE_AFTER_MILLIS = 100;
    /** Without new samples the quantiles change only because samples grow old. */
    private static final long RECALCULATE_IDLE_AFTER_MILLIS = 1_000;

    /** A sample is one number: its time and, in the lower bits, its latency in milliseconds (up to 70 minutes). */
    private static final int BITS = 22;

    private static final long MAX_MILLIS = (1L << BITS) - 1;

    private final AtomicLongArray ring = new AtomicLongArray(SIZE);
    private final AtomicInteger written = new AtomicInteger();
    private volatile Quantiles quantiles = new Quantiles(0, 0, 0, null, null);

    /**
     * The quantiles of the recent samples.
     *
     * @param written the number of samples added before the calculation
     * @param at the time of the calculation, in epoch milliseconds
     * @param recent the number of samples that count
     * @param median null if there are too few samples
     * @param p95 null if there are too few samples
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

    /** The number of samples ever added; only a change of it has a meaning, because it may overflow. */
    int written() {
        return written.get();
    }

    Quantiles quantiles(long now) {
        Quantiles current = quantiles;
        int more = written.get() - current.written;
        long age = now - current.at;
        boolean holds = more == 0
                ? age < RECALCULATE_IDLE_AFTER_MILLIS
                : current.recent == SIZE && more < RECALCULATE_AFTER_SAMPLES && age < RECALCULATE_AFTER_MILLIS;
        if (holds) {
            return current;
        }
        Quantiles fresh = calculate(now);
        quantiles = fresh;
        return fresh;
    }

    private Quantiles calculate(long now) {
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

    /** The smallest sample that is at least as large as this share of all samples. */
    private static long rank(long[] sorted, int count, double share) {
        return sorted[(int) Math.ceil(share * count) - 1];
    }
}
