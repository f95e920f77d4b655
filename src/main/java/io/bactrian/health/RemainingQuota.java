package io.bactrian.health;

import java.time.Duration;

/**
 * The remaining quota of one limit of a key, as the provider reported it. Immutable.
 *
 * @param requests true if it counts requests, so that later calls reduce it; false if it counts tokens
 * @param left the remaining amount
 * @param limit the full amount; 0 if unknown
 * @param at the time of the report, in epoch milliseconds
 * @param resetAt the time at which the full amount is available again, in epoch milliseconds
 */
public record RemainingQuota(boolean requests, long left, long limit, long at, long resetAt) {
    /** The longest time for which a report is trusted; the next call shows whether it still holds. */
    static final long MAX_AGE_MILLIS = Duration.ofMinutes(5).toMillis();

    private static final int LOW_PERCENT = 10;
    private static final int MIN_PERCENT = 1;

    /** The time until which the report counts, in epoch milliseconds. */
    long until() {
        return Math.min(resetAt, at + MAX_AGE_MILLIS);
    }

    /** The amount that came back within some milliseconds, if the quota is refilled evenly. */
    private long refilled(long millis) {
        return limit <= left || resetAt <= at
                ? 0
                : (long) ((double) (limit - left) / (resetAt - at) * Math.max(0, millis));
    }

    /**
     * The amount left after calls that the provider had not counted yet.
     *
     * @param calls the number of calls made since the call whose answer reported the quota
     * @param millis the time since that call was made
     */
    private long spare(long calls, long millis) {
        return requests ? left - Math.max(0, calls - refilled(millis)) : left;
    }

    /** True if nothing, or less than 1 % of the limit, is left. */
    boolean spent(long calls, long millis, long now) {
        long spare = spare(calls, millis);
        return now < until() && (spare <= 0 || spare * 100 < limit * MIN_PERCENT);
    }

    /** True if less than 10 % of the limit is left, so that another key should be used. */
    boolean low(long calls, long millis, long now) {
        return now < until() && spare(calls, millis) * 100 < limit * LOW_PERCENT;
    }
}
