package io.bactrian.policy;

import io.bactrian.config.Limits;
import io.bactrian.config.Limits.InvalidRequest;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.ReturnFailure;
import io.bactrian.policy.Decision.Wait;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The fallback policy: decides the next step of a request from the failure, the plan and the time. Thread-safe; the
 * plan passed to it is not.
 *
 * <p>A refusal of the request may be the provider's own taste or the caller's mistake. Unless it is surely the latter, one
 * candidate at another provider gives a second opinion, and the first refusal is returned if that refuses as well.
 *
 * <p>The table of failure classes in {@code docs/reference.md} describes this class, and in its last column
 * {@code io.bactrian.health.Cooldowns}. {@link #after} has the rows that end a request, {@link RetrySameTarget} those that
 * ask the same target again, {@link NextCandidate} the choice of the next one.
 */
public final class FallbackPolicy {
    private final Availability availability;
    private final RetrySameTarget retry;
    private final NextCandidate next;

    /** @param random 0..1, for the jitter of the backoff */
    public FallbackPolicy(Availability availability, DoubleSupplier random) {
        this.availability = availability;
        this.retry = new RetrySameTarget(random);
        this.next = new NextCandidate(availability);
    }

    /** The first step of a request. */
    public Decision first(Plan plan, long now) {
        return plan.noneEligible() ? new GiveUp(Cause.NO_ELIGIBLE_TARGET, null) : next.from(plan, now);
    }

    /** True if a candidate that was away may be called. */
    public boolean isBack(Candidate candidate, long now) {
        return availability.of(candidate.target(), now) == null;
    }

    /**
     * A candidate that was skipped because it was away and may be called now, earlier than expected, be it for a trial;
     * null if there is none.
     */
    public @Nullable Candidate returned(Plan plan, long now) {
        for (Candidate candidate : plan.candidates()) {
            if (candidate.isAway()
                    && candidate.skipped() != null
                    && isBack(candidate, now)
                    && !availability.isDown(candidate.target())) {
                return candidate;
            }
        }
        return next.forTrial(plan, now);
    }

    /**
     * The next step of a request that waited for this candidate: the candidate, or another if it is unavailable again.
     */
    public Decision resume(Plan plan, Candidate candidate, long now) {
        if (isBack(candidate, now)) {
            plan.waitsNoMore(now);
            return new Ask(candidate, 0, Wait.NONE);
        }
        return next.rejected(plan, candidate, Failure.of(FailureClass.CIRCUIT_OPEN, "still unavailable"), now);
    }

    /** The next step of a request when candidates that were asked together have all failed. */
    public Decision afterAll(Plan plan, Decision.AskGroup group, long now) {
        for (Candidate candidate : group.candidates()) {
            if (candidate.lastFailure() == FailureClass.CONTEXT_LENGTH) {
                skipSmallerWindows(plan, candidate);
            }
        }
        Plan.Refusal refusal = plan.refusal();
        if (refusal != null && refusal.by().limits().invalidRequest() == InvalidRequest.SECOND_OPINION) {
            if (group.candidates().stream().anyMatch(other -> isSecondRefusal(refusal, other))) {
                return new ReturnFailure(refusal.failure());
            }
            plan.askSecondOpinion(refusal.by());
        }
        return plan.noneEligible() ? new GiveUp(Cause.NO_ELIGIBLE_TARGET, null) : next.from(plan, now);
    }

    private static boolean isSecondRefusal(Plan.Refusal first, Candidate other) {
        return other.lastFailure() == FailureClass.INVALID_REQUEST && !other.isAtProviderOf(first.by());
    }

    /** The end of a request without a usable target: a last resort, or else the verdict. */
    public Decision end(Plan plan, GiveUp verdict) {
        return next.end(plan, verdict);
    }

    /**
     * The end of a request that has waited as long as it may.
     *
     * @param cause the limit that was reached: the deadline, or else that of waits
     */
    public Decision endOfWait(Plan plan, Cause cause, long now) {
        return next.end(plan, new GiveUp(cause, next.earliest(plan, now)));
    }

    /** The end of a request that would have to wait, but as many wait already as may. */
    public Decision turnAway(Plan plan, Ask wait, long now) {
        long back = now + wait.waitMillis();
        Long earliest = next.earliest(plan, now);
        return next.end(plan, new GiveUp(Cause.EXHAUSTED, earliest == null ? back : Math.min(earliest, back)));
    }

    /** The backoff after the calls made so far, in milliseconds: doubled each time, up to its maximum. */
    public static long fullBackoff(Candidate candidate) {
        return RetrySameTarget.fullBackoff(candidate);
    }

    /** The next step of a request that no longer waits for a better candidate. */
    public Decision settle(Plan plan, long now) {
        plan.settleForWorse();
        return next.from(plan, now);
    }

    /** The next step of a request after a failed call to this candidate. */
    public Decision after(Plan plan, Candidate candidate, FailedAttempt failedAttempt, long now) {
        Failure failure = failedAttempt.failure();
        FailureClass type = failure.type();
        if (type == FailureClass.CIRCUIT_OPEN) {
            return next.rejected(plan, candidate, failure, now);
        }
        plan.waitsNoMore(now - failedAttempt.tookMillis());
        candidate.failed(type);
        if (type == FailureClass.CANCELLED) {
            return new GiveUp(Cause.CANCELLED, null);
        }
        boolean committed = failedAttempt.committed();
        boolean budget = RetrySameTarget.hasBudget(plan, candidate);
        boolean another = failedAttempt.anotherWay() == AnotherWay.NOW
                && (committed ? budget : RetrySameTarget.hasBudgetForAnotherWay(plan, candidate));
        if (another && now < plan.deadlineAt()) {
            return new Ask(candidate, 0, Wait.NONE);
        }
        if (committed) {
            finish(plan, candidate, failedAttempt, budget, now);
            return next.from(plan, now);
        }
        if (candidate.calls() == 0 && (type == FailureClass.INVALID_REQUEST || type == FailureClass.UNSUPPORTED)) {
            return passOver(plan, candidate, failure, now);
        }
        Plan.Refusal first = plan.refusal();
        if (first != null && plan.asksSecondOpinion() && failure.isRefusal() && candidate.calls() > 0) {
            return new ReturnFailure(first.failure());
        }
        switch (type) {
            case INVALID_REQUEST -> {
                if (failure.certain() || candidate.limits().invalidRequest() == InvalidRequest.RETURN) {
                    return new ReturnFailure(first == null ? failure : first.failure());
                }
                candidate.spend();
                plan.refused(candidate, failure);
                if (!plan.isAlone() && candidate.limits().invalidRequest() == InvalidRequest.SECOND_OPINION) {
                    plan.askSecondOpinion(candidate);
                }
            }
            case CONTENT_POLICY -> {
                if (candidate.limits().contentPolicy() == Limits.ContentPolicy.RETURN) {
                    return new ReturnFailure(failure);
                }
                candidate.spend();
            }
            case CONTEXT_LENGTH -> {
                candidate.spend();
                skipSmallerWindows(plan, candidate);
            }
            case UNSUPPORTED -> candidate.spend();
            default -> {
                long wait = retry.after(plan, candidate, failedAttempt);
                boolean othersLeft = plan.othersLeft(candidate, s -> availability.of(s.target(), now) == null) > 0;
                if (wait == RetrySameTarget.NEVER) {
                    candidate.spend();
                } else if (now + wait < plan.deadlineAt()
                        && wait <= candidate.limits().patience().toMillis()
                        && !(othersLeft && type == FailureClass.STREAM_BROKEN)) {
                    return new Ask(candidate, wait, Wait.SAME_TARGET);
                } else {
                    candidate.park(now + wait);
                }
            }
        }
        return next.from(plan, now);
    }

    /**
     * Passes over a candidate to which the gateway cannot put the request, because it lacks something, or because the
     * request cannot be translated. Another one may accept it as it is.
     */
    private Decision passOver(Plan plan, Candidate candidate, Failure failure, long now) {
        String feature = failure.code() == null ? "features" : failure.code();
        candidate.exclude(failure.type() == FailureClass.INVALID_REQUEST ? "translation" : feature, failure);
        return plan.noneEligible() ? new GiveUp(Cause.NO_ELIGIBLE_TARGET, null) : next.from(plan, now);
    }

    /**
     * Handles a failure after part of the answer was sent. The other candidates are asked first; a rejection of the
     * request by one of them is not returned, because the caller already has half an answer.
     */
    private void finish(Plan plan, Candidate candidate, FailedAttempt failedAttempt, boolean budget, long now) {
        switch (failedAttempt.failure().type()) {
            case CONTENT_POLICY, INVALID_REQUEST, UNSUPPORTED -> {
                if (failedAttempt.anotherWay() == AnotherWay.LATER && budget) {
                    candidate.park(now);
                } else {
                    candidate.spend();
                }
            }
            case CONTEXT_LENGTH -> {
                candidate.spend();
                skipSmallerWindows(plan, candidate);
            }
            default -> {
                long wait = retry.after(plan, candidate, failedAttempt);
                if (wait == RetrySameTarget.NEVER) {
                    candidate.spend();
                } else {
                    candidate.park(now + wait);
                }
            }
        }
    }

    private static void skipSmallerWindows(Plan plan, Candidate tooSmall) {
        Integer window = tooSmall.target().contextTokens();
        for (Candidate candidate : plan.candidates()) {
            Integer other = candidate.target().contextTokens();
            if (candidate.spent() || window == null || other == null || other > window) {
                continue;
            }
            if (candidate.calls() == 0) {
                candidate.exclude("context", FailureClass.CONTEXT_LENGTH);
            }
            candidate.spend();
        }
    }
}
