package io.bactrian.health;

import java.util.Arrays;

/** The times that the last probes of a target took, by which a slow one is known. For one thread at a time. */
final class ProbeTimes {
    private static final int KEPT = 32;
    private static final int NEEDED = 8;
    private static final int SLOW_FACTOR = 3;
    /** Below this, a probe is quick enough whatever is usual. */
    private static final long QUICK_MILLIS = 500;

    /** After so many slow times in a row they are what is usual. */
    private static final int NEW_USUAL = 20;

    private final long[] times = new long[KEPT];
    private int count;
    private int slowInRow;

    /** Notes a time; true if it is slow compared with those before it. */
    boolean add(long millis) {
        int known = Math.min(count, KEPT);
        boolean slow = known >= NEEDED && millis > QUICK_MILLIS && millis > SLOW_FACTOR * p95(known);
        slowInRow = slow ? slowInRow + 1 : 0;
        if (slowInRow == NEW_USUAL) {
            count = 0;
            slowInRow = 0;
        }
        if (!slow) {
            times[count % KEPT] = millis;
            count = count + 1 == 2 * KEPT ? KEPT : count + 1;
        }
        return slow;
    }

    private long p95(int known) {
        long[] sorted = Arrays.copyOf(times, known);
        Arrays.sort(sorted);
        return sorted[(int) Math.ceil(known * 0.95) - 1];
    }
}
