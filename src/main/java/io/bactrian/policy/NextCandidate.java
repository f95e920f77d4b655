package io.bactrian.policy;

import io.bactrian.config.Chain;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.ReturnFailure;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.policy.Decision.Wait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The choice of the next candidate, of one worth waiting for, or of the end. Thread-safe; the plan passed to it is not.
 */
final class NextCandidate {
    /** Rejections of the request itself, for which no last resort may stand in. */
    private static final Set<FailureClass> ABOUT_THE_REQUEST =
            EnumSet.of(FailureClass.CONTEXT_LENGTH, FailureClass.CONTENT_POLICY, FailureClass.UNSUPPORTED);

    private static final long POLL_MILLIS = 100;

    private final Availability availability;

    NextCandidate(Availability availability) {
        this.availability = availability;
    }

    /**
     * The first candidate that may be called now, else one whose cooldown permits a trial call, else the one that becomes
     * available first, else the end.
     */
    Decision from(Plan plan, long now) {
        if (now >= plan.deadlineAt()) {
            return end(plan, new GiveUp(Cause.DEADLINE, earliest(plan, now)));
        }
        if (plan.calls() < plan.limits().maxTotalAttempts()) {
            Candidate down = null;
            for (Candidate candidate : plan.candidates()) {
                if (candidate.untried() && mayBeCalled(candidate, now)) {
                    if (availability.isDown(candidate.target())) {
                        down = down == null ? candidate : down;
                        continue;
                    }
                    if (down != null) {
                        passOverDown(plan, candidate, now);
                    }
                    Candidate better = better(plan, candidate, now);
                    return better == null
                            ? go(plan, candidate, now)
                            : new Ask(better, Math.max(0, better.returnsAt() - now), Wait.BETTER_TARGET);
                }
            }
            if (down != null) {
                return go(plan, down, now);
            }
            Candidate trial = plan.asksSecondOpinion() ? null : forTrial(plan, now);
            if (trial != null) {
                trial.askForTrial();
                plan.waitsNoMore(now);
                return new Ask(trial, 0, Wait.NONE);
            }
            Candidate back = plan.isAlone() || plan.asksSecondOpinion() ? null : firstBack(plan);
            if (back != null && isInTime(plan, back, now)) {
                return await(plan, back, now);
            }
        }
        return end(plan, new GiveUp(Cause.EXHAUSTED, earliest(plan, now)));
    }

    private static Decision await(Plan plan, Candidate back, long now) {
        long wait = Math.max(0, back.returnsAt() - now);
        LastResortAnswer lastResort = wait > back.limits().patience().toMillis() ? plan.lastResort() : null;
        if (lastResort != null) {
            return new UseLastResort(lastResort);
        }
        if (wait > 0) {
            plan.waits(now);
        } else {
            plan.waitsNoMore(now);
        }
        return new Ask(back, wait, Wait.NO_OTHER_TARGET);
    }

    /**
     * The first candidate that is in a lasting cooldown and may be called for a trial, or is back already; null if there
     * is none. Each has one trial in a request at most.
     */
    @Nullable
    Candidate forTrial(Plan plan, long now) {
        if (plan.isAlone()) {
            return null;
        }
        for (Candidate candidate : plan.candidates()) {
            if (candidate.isAway() && candidate.skipped() != null && !candidate.isTrial() && isLasting(candidate)) {
                Availability.Unavailable unavailable = availability.of(candidate.target(), now);
                if (unavailable == null || unavailable.trialAt() <= now) {
                    return candidate;
                }
            }
        }
        return null;
    }

    /** The end of a request without a usable target: the refusal of the request, a last resort, or else the verdict. */
    Decision end(Plan plan, GiveUp verdict) {
        Plan.Refusal refusal = plan.refusal();
        if (refusal != null && !plan.isAlone()) {
            return new ReturnFailure(refusal.failure());
        }
        boolean aboutTheRequest = plan.candidates().stream()
                .allMatch(candidate ->
                        candidate.lastFailure() != null && ABOUT_THE_REQUEST.contains(candidate.lastFailure()));
        LastResortAnswer lastResort = aboutTheRequest ? null : plan.lastResort();
        return lastResort == null ? verdict : new UseLastResort(lastResort);
    }

    /** True if it may be called now; skips it if not. */
    private boolean mayBeCalled(Candidate candidate, long now) {
        Availability.Unavailable unavailable = availability.of(candidate.target(), now);
        if (unavailable != null) {
            candidate.skip(unavailable.label(), unavailable.type(), unavailable.until());
        }
        return unavailable == null;
    }

    /** Skips the candidates before this one that are down; they are asked if all others fail. */
    private void passOverDown(Plan plan, Candidate up, long now) {
        for (Candidate candidate : plan.candidates()) {
            if (candidate == up) {
                return;
            }
            if (candidate.untried() && availability.isDown(candidate.target())) {
                candidate.skip("DOWN", FailureClass.CIRCUIT_OPEN, now);
            }
        }
    }

    /** Asks this candidate, together with those of its group that may be called as well. */
    private Decision go(Plan plan, Candidate first, long now) {
        plan.waitsNoMore(now);
        Chain.Group group = first.group();
        if (group == null || plan.isAlone() || plan.finishing() || plan.asksSecondOpinion()) {
            return new Ask(first, 0, Wait.NONE);
        }
        List<Candidate> together = new ArrayList<>();
        for (Candidate candidate : plan.candidates()) {
            if (candidate == first || isWithIt(candidate, first, now)) {
                together.add(candidate);
            }
        }
        return together.size() == 1 ? new Ask(first, 0, Wait.NONE) : new AskGroup(group.kind(), together);
    }

    private boolean isWithIt(Candidate candidate, Candidate first, long now) {
        return candidate.isTogetherWith(first)
                && candidate.untried()
                && mayBeCalled(candidate, now)
                && (availability.isDown(first.target()) || !availability.isDown(candidate.target()));
    }

    /**
     * The better candidate that becomes available first, if the request may wait for it that long; null if there is
     * none.
     */
    private @Nullable Candidate better(Plan plan, Candidate candidate, long now) {
        long until = plan.betterUntil();
        if (until <= now || plan.isAlone() || plan.finishing() || plan.asksSecondOpinion()) {
            return null;
        }
        Candidate first = null;
        for (Candidate other : plan.candidates()) {
            if (other.target().quality() > candidate.target().quality()
                    && other.isAway()
                    && !isLasting(other)
                    && !availability.isDown(other.target())
                    && other.returnsAt() <= until
                    && (first == null || other.returnsAt() < first.returnsAt())) {
                first = other;
            }
        }
        return first;
    }

    /** True if a candidate becomes available early enough to be worth waiting for. */
    private static boolean isInTime(Plan plan, Candidate candidate, long now) {
        long at = candidate.returnsAt();
        return at <= now
                || (at < plan.deadlineAt()
                        && at <= plan.waitsUntil(now)
                        && (!plan.finishing()
                                || at - now <= candidate.limits().patience().toMillis()));
    }

    private static boolean isLasting(Candidate candidate) {
        FailureClass reason = candidate.lastFailure();
        return reason != null && reason.isLasting();
    }

    /**
     * The next step after a call was not permitted: the breaker is open, its one trial call is in flight, or every
     * connection is taken.
     */
    Decision rejected(Plan plan, Candidate candidate, Failure failure, long now) {
        Availability.Unavailable unavailable = availability.of(candidate.target(), now);
        long until = unavailable == null ? now + POLL_MILLIS : Math.max(unavailable.until(), now + POLL_MILLIS);
        if (candidate.calls() > 0) {
            candidate.park(until);
        } else if (unavailable == null) {
            candidate.skip(failure.code() == null ? "CIRCUIT_OPEN" : failure.code(), FailureClass.CIRCUIT_OPEN, until);
        } else {
            candidate.skip(unavailable.label(), unavailable.type(), until);
        }
        return from(plan, now);
    }

    private static @Nullable Candidate firstBack(Plan plan) {
        Candidate first = null;
        for (Candidate candidate : plan.candidates()) {
            boolean worthWaiting = !candidate.spent() && !isLasting(candidate);
            if (worthWaiting && (first == null || candidate.returnsAt() < first.returnsAt())) {
                first = candidate;
            }
        }
        return first;
    }

    /**
     * The time at which the first of the candidates that could serve the request may be called, be it for a trial; null if
     * unknown.
     */
    @Nullable
    Long earliest(Plan plan, long now) {
        Long earliest = null;
        for (Candidate candidate : plan.candidates()) {
            Availability.Unavailable unavailable =
                    candidate.isUnable() ? null : availability.of(candidate.target(), now);
            if (unavailable != null && (earliest == null || unavailable.trialAt() < earliest)) {
                earliest = unavailable.trialAt();
            }
        }
        return earliest;
    }
}
