package io.bactrian.fallback;

import io.bactrian.config.Chain;
import io.bactrian.fallback.Decision.Cause;
import io.bactrian.fallback.Decision.GiveUp;
import io.bactrian.fallback.Decision.Go;
import io.bactrian.fallback.Decision.Resort;
import io.bactrian.fallback.Decision.Together;
import io.bactrian.fallback.Decision.Wait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the way to the next candidate, to one worth waiting for, or to the end. Thread-safe; the plan it is given is not. */
final class Onward {
    /** Not worth waiting for: these do not mend by themselves. */
    private static final Set<FailureClass> NOT_MENDING =
            EnumSet.of(FailureClass.AUTHENTICATION, FailureClass.QUOTA_EXHAUSTED, FailureClass.MODEL_UNAVAILABLE);

    /** What a target has against the request itself: nothing stands in for an answer to that. */
    private static final Set<FailureClass> OF_THE_REQUEST =
            EnumSet.of(FailureClass.CONTEXT_LENGTH, FailureClass.CONTENT_POLICY, FailureClass.UNSUPPORTED);

    private static final long POLL_MILLIS = 100;

    private final Availability availability;

    Onward(Availability availability) {
        this.availability = availability;
    }

    /** The first candidate that may be called now; else the one that is back earliest; else nobody. */
    Decision from(Plan plan, long now) {
        if (now >= plan.deadlineAt()) {
            return end(plan, new GiveUp(Cause.DEADLINE, earliest(plan, now)));
        }
        if (plan.calls() < plan.limits().maxTotalAttempts()) {
            for (Stop stop : plan.stops()) {
                if (stop.untried() && mayBeCalled(stop, now)) {
                    Stop better = better(plan, stop, now);
                    return better == null
                            ? go(plan, stop, now)
                            : new Go(better, Math.max(0, better.returnsAt() - now), Wait.BETTER);
                }
            }
            Stop back = plan.isAlone() ? null : firstBack(plan);
            if (back != null && back.returnsAt() < latest(plan, back, now)) {
                long wait = Math.max(0, back.returnsAt() - now);
                StandIn standIn = wait > back.limits().patience().toMillis() ? plan.standIn() : null;
                return standIn == null ? new Go(back, wait, Wait.NOBODY_ELSE) : new Resort(standIn);
            }
        }
        return end(plan, new GiveUp(Cause.EXHAUSTED, earliest(plan, now)));
    }

    /** The end of the way for want of a target: what stands in for an answer, or else the verdict. */
    Decision end(Plan plan, GiveUp verdict) {
        boolean ofTheRequest = plan.stops().stream()
                .allMatch(stop -> stop.lastFailure() != null && OF_THE_REQUEST.contains(stop.lastFailure()));
        StandIn standIn = ofTheRequest ? null : plan.standIn();
        return standIn == null ? verdict : new Resort(standIn);
    }

    /** Looks whether it may be called now; passes over it if not. */
    private boolean mayBeCalled(Stop stop, long now) {
        Availability.Unavailable hindered = availability.of(stop.target(), now);
        if (hindered != null) {
            stop.skip(hindered.label(), hindered.type(), hindered.until());
        }
        return hindered == null;
    }

    /** To this candidate, and to those of its group that may be called as well. */
    private Decision go(Plan plan, Stop first, long now) {
        Chain.Group group = first.group();
        if (group == null || plan.isAlone() || plan.finishing()) {
            return new Go(first, 0, Wait.NONE);
        }
        List<Stop> together = new ArrayList<>();
        for (Stop stop : plan.stops()) {
            if (stop == first || (stop.isTogetherWith(first) && stop.untried() && mayBeCalled(stop, now))) {
                together.add(stop);
            }
        }
        return together.size() == 1 ? new Go(first, 0, Wait.NONE) : new Together(group.kind(), together);
    }

    /** The better candidate that is back first, if that is soon enough for the caller to wait; null if there is none. */
    private static @Nullable Stop better(Plan plan, Stop stop, long now) {
        long until = plan.betterUntil();
        if (until <= now || plan.isAlone() || plan.finishing()) {
            return null;
        }
        Stop first = null;
        for (Stop other : plan.stops()) {
            if (other.target().quality() > stop.target().quality()
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
    private static long latest(Plan plan, Stop stop, long now) {
        return plan.finishing()
                ? Math.min(plan.deadlineAt(), now + stop.limits().patience().toMillis() + 1)
                : plan.deadlineAt();
    }

    /** Nobody was let in: the breaker is open, its one trial call is under way, or every connection is taken. */
    Decision rejected(Plan plan, Stop stop, Failure failure, long now) {
        Availability.Unavailable hindered = availability.of(stop.target(), now);
        long until = hindered == null ? now + POLL_MILLIS : Math.max(hindered.until(), now + POLL_MILLIS);
        if (stop.calls() > 0) {
            stop.park(until);
        } else if (hindered == null) {
            stop.skip(failure.code() == null ? "CIRCUIT_OPEN" : failure.code(), FailureClass.CIRCUIT_OPEN, until);
        } else {
            stop.skip(hindered.label(), hindered.type(), until);
        }
        return from(plan, now);
    }

    private static @Nullable Stop firstBack(Plan plan) {
        Stop first = null;
        for (Stop stop : plan.stops()) {
            boolean worthWaiting = !stop.spent() && !NOT_MENDING.contains(stop.lastFailure());
            if (worthWaiting && (first == null || stop.returnsAt() < first.returnsAt())) {
                first = stop;
            }
        }
        return first;
    }

    private @Nullable Long earliest(Plan plan, long now) {
        Long earliest = null;
        for (Stop stop : plan.stops()) {
            Availability.Unavailable hindered = availability.of(stop.target(), now);
            if (hindered != null && (earliest == null || hindered.until() < earliest)) {
                earliest = hindered.until();
            }
        }
        return earliest;
    }
}
