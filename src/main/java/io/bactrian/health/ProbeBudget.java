package io.bactrian.health;

/**
 * The budget of probes: they cost no more than these dollars in any 24 hours. It accrues evenly, with one hour's worth at the
 * start, so that a small budget makes probes rarer all day instead of ending them at noon. Thread-safe.
 */
final class ProbeBudget {
    private static final double DAY_MILLIS = 24 * 3_600_000.0;
    private static final int HOURS = 24;

    private double perDay;
    private double left;
    private long countedAt;
    private boolean started;

    /** Sets the dollars a day. */
    synchronized void perDay(double dollars, long now) {
        accrue(now);
        perDay = dollars;
        left = started ? Math.min(left, dollars / HOURS) : dollars / HOURS;
        started = true;
        countedAt = now;
    }

    /**
     * True if another probe may be made.
     *
     * @param urgent whether the target has failed, so that the probe is worth an advance of one hour
     */
    synchronized boolean allows(boolean urgent, long now) {
        accrue(now);
        return left > (urgent ? -perDay / HOURS : 0);
    }

    synchronized void spend(double dollars, long now) {
        accrue(now);
        left -= dollars;
    }

    private void accrue(long now) {
        double perMilli = perDay * (HOURS - 2) / HOURS / DAY_MILLIS;
        left = Math.min(perDay / HOURS, left + Math.max(0, now - countedAt) * perMilli);
        countedAt = now;
    }
}
