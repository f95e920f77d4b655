package io.bactrian.health;

import java.time.Duration;

/**
 * What a provider says is left of one limit of a key. Immutable.
 *
 * @param requests whether it counts requests, so that calls made since then take from it; else tokens
 * @param left how many
 * @param limit of how many, 0 if unknown
 * @param at when it was said, epoch milliseconds
 * @param resetAt when all of it is there again, epoch milliseconds
 */
public record RemainingQuota(boolean requests, long left, long limit, long at, long resetAt) {
    /** What providers say is not trusted for longer: the next call shows whether it is still so. */
    static final long MAX_AGE_MILLIS = Duration.ofMinutes(5).toMillis();

    private static final int LOW_PERCENT = 10;
    private static final int MIN_PERCENT = 1;

    /** Until when it counts, epoch milliseconds. */
    long until() {
        return Math.min(resetAt, at + MAX_AGE_MILLIS);
    }

    /** How much of the limit came back within some milliseconds, at the pace in which all of it does. */
    private long refilled(long millis) {
        return limit <= left || resetAt <= at
                ? 0
                : (long) ((double) (limit - left) / (resetAt - at) * Math.max(0, millis));
    }

    /**
     * What is left after calls that the provider had not counted yet.
     *
     * @param calls made since the call whose answer said so
     * @param millis since that call was made
     */
    private long spare(long calls, long millis) {
        return requests ? left - Math.max(0, calls - refilled(millis)) : left;
    }

    /** Whether next to nothing is left. */
    boolean spent(long calls, long millis, long now) {
        long spare = spare(calls, millis);
        return now < until() && (spare <= 0 || spare * 100 < limit * MIN_PERCENT);
    }

    /** Whether so little is left that another key had better be used. */
    boolean low(long calls, long millis, long now) {
        return now < until() && spare(calls, millis) * 100 < limit * LOW_PERCENT;
    }
}
