package io.bactrian.policy;

/**
 * The number of threads that carry virtual ones, by how long these wait for their turn: one for each processor, and several while
 * long waits are the rule. Used by one thread.
 */
public final class CarrierCount {
    /** The mean wait from which on there are more, in milliseconds. Many short requests at once wait less. */
    private static final double LONG = 100;
    /** The mean wait below which there are as many as usual again: more of them shorten the waits of the same load. */
    private static final double SHORT = 1;
    /** What a single wait can count for, so that a pause of the collector is no rule. */
    private static final long MOST = 300;
    /** The weight of the last wait in the mean. */
    private static final double WEIGHT = 0.1;

    private final int usual;
    private final int more;
    private int now;
    private double mean;

    /** @param processors the processors of this machine */
    public CarrierCount(int processors) {
        usual = processors;
        more = Math.max(8, 2 * processors);
        now = usual;
    }

    public int now() {
        return now;
    }

    /**
     * The number after another look.
     *
     * @param millis how long a virtual thread waited for its turn
     */
    public int after(long millis) {
        mean += WEIGHT * (Math.min(millis, MOST) - mean);
        if (mean >= LONG) {
            now = more;
        } else if (mean < SHORT) {
            now = usual;
        }
        return now;
    }
}
