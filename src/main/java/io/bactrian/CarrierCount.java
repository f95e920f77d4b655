package io.bactrian;

import java.time.Duration;

/**
 * The number of threads that carry virtual ones, by how long these wait for their turn: one for each processor, and several while
 * long waits are the rule. Used by one thread.
 */
final class CarrierCount {
    /** The time between two looks. */
    static final Duration EVERY = Duration.ofMillis(100);

    /** The mean wait from which on there are more, in milliseconds. Many short requests at once wait less. */
    private static final double LONG = 100;
    /** The mean wait below which there are as many as usual again: more of them shorten the waits of the same load. */
    private static final double SHORT = 1;
    /** What a single wait can count for, in milliseconds, so that one pause of the collector is no rule. */
    private static final long MOST = 250;
    /** The time over which waits are averaged, in milliseconds. */
    private static final double SPAN = 4_000;

    /** After how long the usual number is tried again at first, in milliseconds: more of them cost throughput. */
    private static final long AGAIN = 15_000;
    /** After how long it is tried again at most: the time doubles where it was too few once more. */
    private static final long AGAIN_MOST = 8 * AGAIN;

    private final int usual;
    private final int most;
    private int now;
    private double mean;
    private long lasted;
    private long again = AGAIN;

    CarrierCount(int processors) {
        usual = processors;
        most = Math.max(8, 2 * processors);
        now = usual;
    }

    int now() {
        return now;
    }

    /**
     * The number after another look.
     *
     * @param millis how long a virtual thread waited for its turn
     */
    int after(long millis) {
        double weight = 1 - Math.exp(-(millis + EVERY.toMillis()) / SPAN);
        mean += weight * (Math.min(millis, MOST) - mean);
        lasted += millis + EVERY.toMillis();
        boolean more = now == most;
        if (more && lasted >= again) {
            again = Math.min(2 * again, AGAIN_MOST);
            become(usual);
        } else if (more && mean < SHORT) {
            become(usual);
        } else if (!more && mean >= LONG) {
            become(most);
        } else if (!more && lasted >= AGAIN_MOST) {
            again = AGAIN;
        }
        return now;
    }

    private void become(int carriers) {
        now = carriers;
        mean = carriers == usual ? 0 : mean;
        lasted = 0;
    }
}
