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

    /** After how long the usual number is tried again, in milliseconds: more of them cost throughput. */
    private static final long AGAIN = 120_000;

    private final int usual;
    private final int more;
    private int now;
    private double mean;
    private long lasted;

    CarrierCount(int processors) {
        usual = processors;
        more = Math.max(8, 2 * processors);
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
        lasted = now == more ? lasted + millis + EVERY.toMillis() : 0;
        if (lasted >= AGAIN) {
            mean = 0;
        }
        if (mean >= LONG) {
            now = more;
        } else if (mean < SHORT) {
            now = usual;
        }
        return now;
    }
}
