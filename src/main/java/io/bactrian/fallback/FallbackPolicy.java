package io.bactrian.fallback;

import io.bactrian.config.Limits;
import io.bactrian.fallback.Decision.Cause;
import io.bactrian.fallback.Decision.GiveUp;
import io.bactrian.fallback.Decision.Go;
import io.bactrian.fallback.Decision.Return;
import io.bactrian.fallback.Decision.Wait;
import io.bactrian.fallback.Setback.AnotherWay;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers "where to now?": a function of the failure, the plan and the time. Thread-safe; the plan it is given is not.
 *
 * <p>The failure table of the README is this class: {@link #after} has the rows that end a request,
 * {@link Again} those that ask the same target again, {@link Onward} the way to the next.
 */
public final class FallbackPolicy {
    private final Availability availability;
    private final Again again;
    private final Onward onward;

    /** @param random 0..1, for the jitter of the backoff */
    public FallbackPolicy(Availability availability, DoubleSupplier random) {
        this.availability = availability;
        this.again = new Again(random);
        this.onward = new Onward(availability);
    }

    /** Where a request starts. */
    public Decision first(Plan plan, long now) {
        return plan.nobodyEligible() ? new GiveUp(Cause.NOBODY_ELIGIBLE, null) : onward.from(plan, now);
    }

    /** Whether a candidate that was away may be called. */
    public boolean isBack(Stop stop, long now) {
        return availability.of(stop.target(), now) == null;
    }

    /** A candidate that was passed over because it was away and may be called now, earlier than was known; null if none is. */
    public @Nullable Stop returned(Plan plan, long now) {
        for (Stop stop : plan.stops()) {
            if (stop.isAway() && stop.skipped() != null && isBack(stop, now)) {
                return stop;
            }
        }
        return null;
    }

    /** Where a request goes that has waited for this stop to come back: to it, or on if others were quicker. */
    public Decision resume(Plan plan, Stop stop, long now) {
        return isBack(stop, now)
                ? new Go(stop, 0, Wait.NONE)
                : onward.rejected(plan, stop, Failure.of(FailureClass.CIRCUIT_OPEN, "not back yet"), now);
    }

    /** Where a request goes when candidates that were asked together have all failed. */
    public Decision afterAll(Plan plan, Decision.Together together, long now) {
        for (Stop stop : together.stops()) {
            if (stop.lastFailure() == FailureClass.CONTEXT_LENGTH) {
                skipSmallerWindows(plan, stop);
            }
        }
        return plan.nobodyEligible() ? new GiveUp(Cause.NOBODY_ELIGIBLE, null) : onward.from(plan, now);
    }

    /** The end of a request for want of a target: what stands in for an answer, or else the verdict. */
    public Decision end(Plan plan, GiveUp verdict) {
        return onward.end(plan, verdict);
    }

    /** The backoff that follows the calls made so far, in milliseconds: doubled each time. */
    public static long wholeBackoff(Stop stop) {
        return Again.wholeBackoff(stop);
    }

    /** Where a request goes that will not wait for a better candidate after all. */
    public Decision settle(Plan plan, long now) {
        plan.settleForWorse();
        return onward.from(plan, now);
    }

    /** Where a request goes after a failure at this stop. */
    public Decision after(Plan plan, Stop stop, Setback setback, long now) {
        Failure failure = setback.failure();
        FailureClass type = failure.type();
        if (type == FailureClass.CIRCUIT_OPEN) {
            return onward.rejected(plan, stop, failure, now);
        }
        stop.failed(type);
        if (type == FailureClass.CANCELLED) {
            return new GiveUp(Cause.CANCELLED, null);
        }
        boolean budget = Again.hasBudget(plan, stop);
        if (setback.anotherWay() == AnotherWay.NOW && budget && now < plan.deadlineAt()) {
            return new Go(stop, 0, Wait.NONE);
        }
        if (setback.spoken()) {
            finish(plan, stop, setback, budget, now);
            return onward.from(plan, now);
        }
        switch (type) {
            case INVALID_REQUEST -> {
                return new Return(failure);
            }
            case CONTENT_POLICY -> {
                if (stop.limits().contentPolicy() == Limits.ContentPolicy.RETURN) {
                    return new Return(failure);
                }
                stop.spend();
            }
            case CONTEXT_LENGTH -> {
                stop.spend();
                skipSmallerWindows(plan, stop);
            }
            case UNSUPPORTED -> {
                if (stop.calls() == 0) {
                    stop.exclude(failure.code() == null ? "features" : failure.code(), type);
                }
                stop.spend();
                if (plan.nobodyEligible()) {
                    return new GiveUp(Cause.NOBODY_ELIGIBLE, null);
                }
            }
            default -> {
                long wait = again.after(plan, stop, setback);
                boolean othersLeft = plan.othersLeft(stop, s -> availability.of(s.target(), now) == null) > 0;
                if (wait == Again.NEVER) {
                    stop.spend();
                } else if (now + wait < plan.deadlineAt()
                        && wait <= stop.limits().patience().toMillis()
                        && !(othersLeft && type == FailureClass.STREAM_BROKEN)) {
                    return new Go(stop, wait, Wait.SAME);
                } else {
                    stop.park(now + wait);
                }
            }
        }
        return onward.from(plan, now);
    }

    /**
     * After words were spoken: the others are asked first, each once, and what one of them has against the request is not the
     * caller's to know, which has half an answer.
     */
    private void finish(Plan plan, Stop stop, Setback setback, boolean budget, long now) {
        switch (setback.failure().type()) {
            case CONTENT_POLICY, INVALID_REQUEST, UNSUPPORTED -> {
                if (setback.anotherWay() == AnotherWay.LATER && budget) {
                    stop.park(now);
                } else {
                    stop.spend();
                }
            }
            case CONTEXT_LENGTH -> {
                stop.spend();
                skipSmallerWindows(plan, stop);
            }
            default -> {
                long wait = again.after(plan, stop, setback);
                if (wait == Again.NEVER) {
                    stop.spend();
                } else {
                    stop.park(now + wait);
                }
            }
        }
    }

    private static void skipSmallerWindows(Plan plan, Stop tooSmall) {
        Integer window = tooSmall.target().contextTokens();
        for (Stop stop : plan.stops()) {
            Integer other = stop.target().contextTokens();
            if (stop.spent() || window == null || other == null || other > window) {
                continue;
            }
            if (stop.calls() == 0) {
                stop.exclude("context", FailureClass.CONTEXT_LENGTH);
            }
            stop.spend();
        }
    }
}
