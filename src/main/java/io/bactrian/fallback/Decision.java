package io.bactrian.fallback;

import org.jspecify.annotations.Nullable;

/** The answer to "where to now?". */
public sealed interface Decision {

    /**
     * Ask this candidate.
     *
     * @param waitMillis wait so long before
     * @param queued whether the wait is for a candidate to come back because nobody else is left, which only so many
     *     requests may do at once
     */
    record Go(Stop stop, long waitMillis, boolean queued) implements Decision {}

    /** The failure is the caller's to know: a mistake of its own, a refusal. */
    record Return(Failure failure) implements Decision {}

    /**
     * Nobody can answer.
     *
     * @param earliestReturn when a candidate comes back, epoch milliseconds; null if unknown
     */
    record GiveUp(Cause cause, @Nullable Long earliestReturn) implements Decision {}

    /** No target can answer, but something stands in. */
    record Resort(StandIn standIn) implements Decision {}

    /** Why nobody can. */
    enum Cause {
        /** Every candidate failed, or none will be back in time. */
        EXHAUSTED,
        /** No candidate can serve this kind of request. */
        NOBODY_ELIGIBLE,
        DEADLINE,
        /** The caller left. */
        CANCELLED
    }
}
