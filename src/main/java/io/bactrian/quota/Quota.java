package io.bactrian.quota;

/**
 * A quota a minute: a token bucket that is full at first, fills evenly, and may be overdrawn by amounts that are known only
 * afterwards. Thread-safe. Its methods may wait for a store for a moment, but those that only tell never do.
 */
public interface Quota {
    int perMinute();

    /**
     * Begins to take an amount if there is as much. Does not wait for a store, unless the amount will probably be refused.
     *
     * @param amount above 0, and not more than the whole bucket, which could never be taken
     */
    Taking begin(long amount);

    /**
     * Takes an amount if there is as much.
     *
     * @return 0 if it was taken, else the milliseconds until it could be
     */
    default long take(long amount) {
        return begin(amount).result();
    }

    /** Takes an amount that has been spent already; a negative one is given back. */
    void settle(long amount);

    /** Brings what {@link #left} and {@link #fullIn} tell up to date, if other nodes may have changed it. */
    void refresh();

    /** The amount that can be taken now, as far as this node knows; 0 if the bucket is overdrawn. */
    long left();

    /** Milliseconds until the bucket is full again if nothing is taken, as far as this node knows. */
    long fullIn();
}
