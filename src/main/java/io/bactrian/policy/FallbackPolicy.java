package io.bactrian.policy;

import io.bactrian.config.Limits;
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
 * <p>The failure table of the README is this class: {@link #after} has the rows that end a request,
 * {@link RetrySameTarget} those that ask the same target again, {@link NextCandidate} the choice of the next one.
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
    public boolean isBack(Candidate asked, long now) {
        return availability.of(asked.target(), now) == null;
    }

    /**
     * A candidate that was skipped because it was away and may be called now, earlier than expected; null if there is
     * none.
     */
    public @Nullable Candidate returned(Plan plan, long now) {
        for (Candidate asked : plan.candidates()) {
            if (asked.isAway() && asked.skipped() != null && isBack(asked, now)) {
                return asked;
            }
        }
        return null;
    }

    /**
     * The next step of a request that waited for this candidate: the candidate, or another if it is unavailable again.
     */
    public Decision resume(Plan plan, Candidate asked, long now) {
        return isBack(asked, now)
                ? new Ask(asked, 0, Wait.NONE)
                : next.rejected(plan, asked, Failure.of(FailureClass.CIRCUIT_OPEN, "still unavailable"), now);
    }

    /** The next step of a request when candidates that were asked together have all failed. */
    public Decision afterAll(Plan plan, Decision.AskGroup group, long now) {
        for (Candidate asked : group.candidates()) {
            if (asked.lastFailure() == FailureClass.CONTEXT_LENGTH) {
                skipSmallerWindows(plan, asked);
            }
        }
        return plan.noneEligible() ? new GiveUp(Cause.NO_ELIGIBLE_TARGET, null) : next.from(plan, now);
    }

    /** The end of a request without a usable target: a last resort, or else the verdict. */
    public Decision end(Plan plan, GiveUp verdict) {
        return next.end(plan, verdict);
    }

    /** The backoff after the calls made so far, in milliseconds: doubled each time, up to its maximum. */
    public static long fullBackoff(Candidate asked) {
        return RetrySameTarget.fullBackoff(asked);
    }

    /** The next step of a request that no longer waits for a better candidate. */
    public Decision settle(Plan plan, long now) {
        plan.settleForWorse();
        return next.from(plan, now);
    }

    /** The next step of a request after a failed call to this candidate. */
    public Decision after(Plan plan, Candidate asked, FailedAttempt failedAttempt, long now) {
        Failure failure = failedAttempt.failure();
        FailureClass type = failure.type();
        if (type == FailureClass.CIRCUIT_OPEN) {
            return next.rejected(plan, asked, failure, now);
        }
        asked.failed(type);
        if (type == FailureClass.CANCELLED) {
            return new GiveUp(Cause.CANCELLED, null);
        }
        boolean budget = RetrySameTarget.hasBudget(plan, asked);
        if (failedAttempt.anotherWay() == AnotherWay.NOW && budget && now < plan.deadlineAt()) {
            return new Ask(asked, 0, Wait.NONE);
        }
        if (failedAttempt.committed()) {
            finish(plan, asked, failedAttempt, budget, now);
            return next.from(plan, now);
        }
        switch (type) {
            case INVALID_REQUEST -> {
                return new ReturnFailure(failure);
            }
            case CONTENT_POLICY -> {
                if (asked.limits().contentPolicy() == Limits.ContentPolicy.RETURN) {
                    return new ReturnFailure(failure);
                }
                asked.spend();
            }
            case CONTEXT_LENGTH -> {
                asked.spend();
                skipSmallerWindows(plan, asked);
            }
            case UNSUPPORTED -> {
                if (asked.calls() == 0) {
                    asked.exclude(failure.code() == null ? "features" : failure.code(), type);
                }
                asked.spend();
                if (plan.noneEligible()) {
                    return new GiveUp(Cause.NO_ELIGIBLE_TARGET, null);
                }
            }
            default -> {
                long wait = retry.after(plan, asked, failedAttempt);
                boolean othersLeft = plan.othersLeft(asked, s -> availability.of(s.target(), now) == null) > 0;
                if (wait == RetrySameTarget.NEVER) {
                    asked.spend();
                } else if (now + wait < plan.deadlineAt()
                        && wait <= asked.limits().patience().toMillis()
                        && !(othersLeft && type == FailureClass.STREAM_BROKEN)) {
                    return new Ask(asked, wait, Wait.SAME_TARGET);
                } else {
                    asked.park(now + wait);
                }
            }
        }
        return next.from(plan, now);
    }

    /**
     * Handles a failure after part of the answer was sent. The other candidates are asked first; a rejection of the
     * request by one of them is not returned, because the caller already has half an answer.
     */
    private void finish(Plan plan, Candidate asked, FailedAttempt failedAttempt, boolean budget, long now) {
        switch (failedAttempt.failure().type()) {
            case CONTENT_POLICY, INVALID_REQUEST, UNSUPPORTED -> {
                if (failedAttempt.anotherWay() == AnotherWay.LATER && budget) {
                    asked.park(now);
                } else {
                    asked.spend();
                }
            }
            case CONTEXT_LENGTH -> {
                asked.spend();
                skipSmallerWindows(plan, asked);
            }
            default -> {
                long wait = retry.after(plan, asked, failedAttempt);
                if (wait == RetrySameTarget.NEVER) {
                    asked.spend();
                } else {
                    asked.park(now + wait);
                }
            }
        }
    }

    private static void skipSmallerWindows(Plan plan, Candidate tooSmall) {
        Integer window = tooSmall.target().contextTokens();
        for (Candidate asked : plan.candidates()) {
            Integer other = asked.target().contextTokens();
            if (asked.spent() || window == null || other == null || other > window) {
                continue;
            }
            if (asked.calls() == 0) {
                asked.exclude("context", FailureClass.CONTEXT_LENGTH);
            }
            asked.spend();
        }
    }
}
