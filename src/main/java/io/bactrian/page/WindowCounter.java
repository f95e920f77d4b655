package io.bactrian.page;

import java.util.concurrent.atomic.LongAdder;

/** A counter that knows how much it has grown within each of its last steps of time. Thread-safe; counting takes no lock. */
final class WindowCounter {
    private final LongAdder sum = new LongAdder();
    /** What the counter showed at the end of each step, in a ring. */
    private final long[] shown;

    private long last = Long.MIN_VALUE;

    /** @param steps how far back it knows */
    WindowCounter(int steps) {
        this.shown = new long[steps + 1];
    }

    void increment() {
        sum.increment();
    }

    /** Notes what the counter shows at a step. Steps that were left out get the same; earlier ones are ignored. */
    synchronized void sample(long step) {
        long now = sum.sum();
        if (last == Long.MIN_VALUE) {
            last = step - 1;
        }
        long from = Math.max(last, step - shown.length) + 1;
        for (long at = from; at <= step; at++) {
            shown[index(at)] = now;
        }
        last = Math.max(last, step);
    }

    /**
     * The growth within the last steps, up to the latest sample.
     *
     * @param steps at most as many as it knows
     */
    long growth(int steps) {
        return growth(latest() - steps, latest());
    }

    /** The growth from the end of one step to the end of another. */
    synchronized long growth(long from, long to) {
        return last == Long.MIN_VALUE ? 0 : at(to) - at(from);
    }

    private long at(long step) {
        if (step > last) {
            return shown[index(last)];
        }
        return step <= last - shown.length ? shown[index(last + 1)] : shown[index(step)];
    }

    private synchronized long latest() {
        return last == Long.MIN_VALUE ? 0 : last;
    }

    private int index(long step) {
        return (int) Math.floorMod(step, (long) shown.length);
    }
}
