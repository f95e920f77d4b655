package io.bactrian.policy;

import io.bactrian.config.Chain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decision of the policy: the next step of a request. */
public sealed interface Decision {

    /**
     * Ask one candidate.
     *
     * @param waitMillis the wait before the call
     * @param reason the reason for the wait
     */
    record Ask(Candidate candidate, long waitMillis, Wait reason) implements Decision {}

    /** The reasons for a wait. */
    enum Wait {
        /** There is no wait. */
        NONE,
        /** For the candidate that has just failed: a backoff, or the wait that its provider asked for. */
        SAME_TARGET,
        /** For a better candidate than the one that could be asked now. */
        BETTER_TARGET,
        /** For a candidate to become available again, because no other is left. */
        NO_OTHER_TARGET
    }

    /**
     * Ask several candidates of one group, at once or one shortly after the other.
     *
     * @param kind {@code RACE} or {@code HEDGE}
     * @param candidates at least two that may be called now
     */
    record AskGroup(Chain.Kind kind, List<Candidate> candidates) implements Decision {
        public AskGroup {
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * End the request with this failure: a mistake of the request, a refusal, or the break of a stream that cannot be finished.
     */
    record ReturnFailure(Failure failure) implements Decision {}

    /**
     * Return an error: no candidate can answer.
     *
     * @param earliestReturn the time at which a candidate becomes available, in epoch milliseconds; null if unknown
     */
    record GiveUp(Cause cause, @Nullable Long earliestReturn) implements Decision {}

    /** Answer with a last resort, because no target can answer. */
    record UseLastResort(LastResortAnswer lastResort) implements Decision {}

    /** The reasons for giving up. */
    enum Cause {
        /** Every candidate failed, or none becomes available in time. */
        EXHAUSTED,
        /** No candidate can serve this kind of request. */
        NO_ELIGIBLE_TARGET,
        DEADLINE,
        /** The caller left. */
        CANCELLED
    }
}
