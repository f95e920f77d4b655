package io.bactrian.policy;

import io.bactrian.config.Chain;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.policy.Decision.Wait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the way to the next candidate, to one worth waiting for, or to the end. Thread-safe; the plan it is given is not. */
final class NextCandidate {
    /** Not worth waiting for: these do not mend by themselves. */
    private static final Set<FailureClass> NOT_MENDING =
            EnumSet.of(FailureClass.AUTHENTICATION, FailureClass.QUOTA_EXHAUSTED, FailureClass.MODEL_UNAVAILABLE);

    /** What a target has against the request itself: nothing stands in for an answer to that. */
    private static final Set<FailureClass> OF_THE_REQUEST =
            EnumSet.of(FailureClass.CONTEXT_LENGTH, FailureClass.CONTENT_POLICY, FailureClass.UNSUPPORTED);

    private static final long POLL_MILLIS = 100;

    private final Availability availability;

    NextCandidate(Availability availability) {
        this.availability = availability;
    }

    /** The first candidate that may be called now; else the one that is back earliest; else nobody. */
    Decision from(Plan plan, long now) {
        if (now >= plan.deadlineAt()) {
            return end(plan, new GiveUp(Cause.DEADLINE, earliest(plan, now)));
        }
        if (plan.calls() < plan.limits().maxTotalAttempts()) {
            for (Candidate asked : plan.candidates()) {
                if (asked.untried() && mayBeCalled(asked, now)) {
                    Candidate better = better(plan, asked, now);
                    return better == null
                            ? go(plan, asked, now)
                            : new Ask(better, Math.max(0, better.returnsAt() - now), Wait.BETTER_TARGET);
                }
            }
            Candidate back = plan.isAlone() ? null : firstBack(plan);
            if (back != null && back.returnsAt() < latest(plan, back, now)) {
                long wait = Math.max(0, back.returnsAt() - now);
                LastResortAnswer lastResort = wait > back.limits().patience().toMillis() ? plan.lastResort() : null;
                return lastResort == null ? new Ask(back, wait, Wait.NO_OTHER_TARGET) : new UseLastResort(lastResort);
            }
        }
        return end(plan, new GiveUp(Cause.EXHAUSTED, earliest(plan, now)));
    }

    /** The end of the way for want of a target: what stands in for an answer, or else the verdict. */
    Decision end(Plan plan, GiveUp verdict) {
        boolean ofTheRequest = plan.candidates().stream()
                .allMatch(asked -> asked.lastFailure() != null && OF_THE_REQUEST.contains(asked.lastFailure()));
        LastResortAnswer lastResort = ofTheRequest ? null : plan.lastResort();
        return lastResort == null ? verdict : new UseLastResort(lastResort);
    }

    /** Looks whether it may be called now; passes over it if not. */
    private boolean mayBeCalled(Candidate asked, long now) {
        Availability.Unavailable hindered = availability.of(asked.target(), now);
        if (hindered != null) {
            asked.skip(hindered.label(), hindered.type(), hindered.until());
        }
        return hindered == null;
    }

    /** To this candidate, and to those of its group that may be called as well. */
    private Decision go(Plan plan, Candidate first, long now) {
        Chain.Group group = first.group();
        if (group == null || plan.isAlone() || plan.finishing()) {
            return new Ask(first, 0, Wait.NONE);
        }
        List<Candidate> together = new ArrayList<>();
        for (Candidate asked : plan.candidates()) {
            if (asked == first || (asked.isTogetherWith(first) && asked.untried() && mayBeCalled(asked, now))) {
                together.add(asked);
            }
        }
        return together.size() == 1 ? new Ask(first, 0, Wait.NONE) : new AskGroup(group.kind(), together);
    }

    /** The better candidate that is back first, if that is soon enough for the caller to wait; null if there is none. */
    private static @Nullable Candidate better(Plan plan, Candidate asked, long now) {
        long until = plan.betterUntil();
        if (until <= now || plan.isAlone() || plan.finishing()) {
            return null;
        }
        Candidate first = null;
        for (Candidate other : plan.candidates()) {
            if (other.target().quality() > asked.target().quality()
                    && other.isAway()
                    && !NOT_MENDING.contains(other.lastFailure())
                    && other.returnsAt() <= until
                    && (first == null || other.returnsAt() < first.returnsAt())) {
                first = other;
            }
        }
        return first;
    }

    /** Until when a candidate has to be back to be worth waiting for. */
    private static long latest(Plan plan, Candidate asked, long now) {
        return plan.finishing()
                ? Math.min(plan.deadlineAt(), now + asked.limits().patience().toMillis() + 1)
                : plan.deadlineAt();
    }

    /** Nobody was let in: the breaker is open, its one trial call is under way, or every connection is taken. */
    Decision rejected(Plan plan, Candidate asked, Failure failure, long now) {
        Availability.Unavailable hindered = availability.of(asked.target(), now);
        long until = hindered == null ? now + POLL_MILLIS : Math.max(hindered.until(), now + POLL_MILLIS);
        if (asked.calls() > 0) {
            asked.park(until);
        } else if (hindered == null) {
            asked.skip(failure.code() == null ? "CIRCUIT_OPEN" : failure.code(), FailureClass.CIRCUIT_OPEN, until);
        } else {
            asked.skip(hindered.label(), hindered.type(), until);
        }
        return from(plan, now);
    }

    private static @Nullable Candidate firstBack(Plan plan) {
        Candidate first = null;
        for (Candidate asked : plan.candidates()) {
            boolean worthWaiting = !asked.spent() && !NOT_MENDING.contains(asked.lastFailure());
            if (worthWaiting && (first == null || asked.returnsAt() < first.returnsAt())) {
                first = asked;
            }
        }
        return first;
    }

    private @Nullable Long earliest(Plan plan, long now) {
        Long earliest = null;
        for (Candidate asked : plan.candidates()) {
            Availability.Unavailable hindered = availability.of(asked.target(), now);
            if (hindered != null && (earliest == null || hindered.until() < earliest)) {
                earliest = hindered.until();
            }
        }
        return earliest;
    }
}
