package io.bactrian.policy;

import io.bactrian.config.Chain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to "where to now?". */
public sealed interface Decision {

    /**
     * Ask this candidate.
     *
     * @param waitMillis wait so long before
     * @param reason what that wait is for
     */
    record Go(Candidate candidate, long waitMillis, Wait reason) implements Decision {}

    /** What a wait is for. */
    enum Wait {
        /** Nothing is waited for. */
        NONE,
        /** The candidate that has just failed: a backoff, or what it asked for. */
        SAME,
        /** A better candidate than one that could be asked now. */
        BETTER,
        /** A candidate that comes back, because nobody else is left. */
        NOBODY_ELSE
    }

    /**
     * Ask these candidates, of one group, at once or one soon after the other.
     *
     * @param kind {@code RACE} or {@code HEDGE}
     * @param stops at least two that may be called now
     */
    record Together(Chain.Kind kind, List<Candidate> stops) implements Decision {
        public Together {
            stops = List.copyOf(stops);
        }
    }

    /** The failure is the caller's to know: a mistake of its own, a refusal. */
    record Return(Failure failure) implements Decision {}

    /**
     * Nobody can answer.
     *
     * @param earliestReturn when a candidate comes back, epoch milliseconds; null if unknown
     */
    record GiveUp(Cause cause, @Nullable Long earliestReturn) implements Decision {}

    /** No target can answer, but something stands in. */
    record Resort(LastResortAnswer lastResort) implements Decision {}

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
