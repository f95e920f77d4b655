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
    record Ask(Candidate candidate, long waitMillis, Wait reason) implements Decision {}

    /** What a wait is for. */
    enum Wait {
        /** Nothing is waited for. */
        NONE,
        /** The candidate that has just failed: a backoff, or what it asked for. */
        SAME_TARGET,
        /** A better candidate than one that could be asked now. */
        BETTER_TARGET,
        /** A candidate that comes back, because nobody else is left. */
        NO_OTHER_TARGET
    }

    /**
     * Ask these candidates, of one group, at once or one soon after the other.
     *
     * @param kind {@code RACE} or {@code HEDGE}
     * @param stops at least two that may be called now
     */
    record AskGroup(Chain.Kind kind, List<Candidate> candidates) implements Decision {
        public AskGroup {
            candidates = List.copyOf(candidates);
        }
    }

    /** The failure is the caller's to know: a mistake of its own, a refusal. */
    record ReturnFailure(Failure failure) implements Decision {}

    /**
     * Nobody can answer.
     *
     * @param earliestReturn when a candidate comes back, epoch milliseconds; null if unknown
     */
    record GiveUp(Cause cause, @Nullable Long earliestReturn) implements Decision {}

    /** No target can answer, but something stands in. */
    record UseLastResort(LastResortAnswer lastResort) implements Decision {}

    /** Why nobody can. */
    enum Cause {
        /** Every candidate failed, or none will be back in time. */
        EXHAUSTED,
        /** No candidate can serve this kind of request. */
        NO_ELIGIBLE_TARGET,
        DEADLINE,
        /** The caller left. */
        CANCELLED
    }
}
