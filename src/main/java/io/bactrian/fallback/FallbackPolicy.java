package io.bactrian.fallback;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits;
import io.bactrian.fallback.Decision.Cause;
import io.bactrian.fallback.Decision.GiveUp;
import io.bactrian.fallback.Decision.Go;
import io.bactrian.fallback.Decision.Resort;
import io.bactrian.fallback.Decision.Return;
import io.bactrian.fallback.Decision.Together;
import io.bactrian.fallback.Decision.Wait;
import io.bactrian.fallback.Setback.AnotherWay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Answers "where to now?": a function of the failure, the plan and the time. Thread-safe; the plan it is given is not.
 *
 * <p>The failure table of the README is this class: {@link #after} has the rows that end a request,
 * {@link #waitBeforeAgain} those that ask the same target again, {@link #onward} the way to the next.
 */
public final class FallbackPolicy {
    /** Not worth waiting for: these do not mend by themselves. */
    private static final Set<FailureClass> NOT_MENDING =
            EnumSet.of(FailureClass.AUTHENTICATION, FailureClass.QUOTA_EXHAUSTED, FailureClass.MODEL_UNAVAILABLE);

    /** What a target has against the request itself: nothing stands in for an answer to that. */
    private static final Set<FailureClass> OF_THE_REQUEST =
            EnumSet.of(FailureClass.CONTEXT_LENGTH, FailureClass.CONTENT_POLICY, FailureClass.UNSUPPORTED);

    private static final long NEVER = Long.MAX_VALUE;
    private static final long POLL_MILLIS = 100;

    private final Availability availability;
    private final DoubleSupplier random;

    /** @param random 0..1, for the jitter of the backoff */
    public FallbackPolicy(Availability availability, DoubleSupplier random) {
        this.availability = availability;
        this.random = random;
    }

    /** Where a request starts. */
    public Decision first(Plan plan, long now) {
        return plan.nobodyEligible() ? new GiveUp(Cause.NOBODY_ELIGIBLE, null) : onward(plan, now);
    }

    /** Whether a candidate that was away may be called. */
    public boolean isBack(Stop stop, long now) {
        return availability.of(stop.target(), now) == null;
    }

    /** Where a request goes that has waited for this stop to come back: to it, or on if others were quicker. */
    public Decision resume(Plan plan, Stop stop, long now) {
        return isBack(stop, now)
                ? new Go(stop, 0, Wait.NONE)
                : rejected(plan, stop, Failure.of(FailureClass.CIRCUIT_OPEN, "not back yet"), now);
    }

    /** Where a request goes when candidates that were asked together have all failed. */
    public Decision afterAll(Plan plan, Decision.Together together, long now) {
        for (Stop stop : together.stops()) {
            if (stop.lastFailure() == FailureClass.CONTEXT_LENGTH) {
                skipSmallerWindows(plan, stop);
            }
        }
        return plan.nobodyEligible() ? new GiveUp(Cause.NOBODY_ELIGIBLE, null) : onward(plan, now);
    }

    /** Where a request goes that will not wait for a better candidate after all. */
    public Decision settle(Plan plan, long now) {
        plan.settleForWorse();
        return onward(plan, now);
    }

    /** Where a request goes after a failure at this stop. */
    public Decision after(Plan plan, Stop stop, Setback setback, long now) {
        Failure failure = setback.failure();
        FailureClass type = failure.type();
        if (type == FailureClass.CIRCUIT_OPEN) {
            return rejected(plan, stop, failure, now);
        }
        stop.failed(type);
        if (type == FailureClass.CANCELLED) {
            return new GiveUp(Cause.CANCELLED, null);
        }
        boolean budget = hasBudget(plan, stop);
        if (setback.anotherWay() == AnotherWay.NOW && budget && now < plan.deadlineAt()) {
            return new Go(stop, 0, Wait.NONE);
        }
        if (setback.spoken()) {
            finish(plan, stop, setback, budget, now);
            return onward(plan, now);
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
                long wait = waitBeforeAgain(plan, stop, setback);
                boolean othersLeft = plan.othersLeft(stop, s -> availability.of(s.target(), now) == null) > 0;
                if (wait == NEVER) {
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
        return onward(plan, now);
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
                long wait = waitBeforeAgain(plan, stop, setback);
                if (wait == NEVER) {
                    stop.spend();
                } else {
                    stop.park(now + wait);
                }
            }
        }
    }

    private static boolean hasBudget(Plan plan, Stop stop) {
        int keptBack = plan.othersLeft(stop, s -> true);
        return stop.calls() < stop.limits().maxAttempts()
                && plan.calls() + keptBack < plan.limits().maxTotalAttempts();
    }

    /** The wait before the same target is asked again, in milliseconds; {@link #NEVER} if it is not. */
    private long waitBeforeAgain(Plan plan, Stop stop, Setback setback) {
        Failure failure = setback.failure();
        Limits limits = stop.limits();
        if (!hasBudget(plan, stop)) {
            return NEVER;
        }
        if (setback.staleConnection() && stop.excuseStaleConnection()) {
            return 0;
        }
        boolean keyBlamed = failure.type() == FailureClass.AUTHENTICATION
                || failure.type() == FailureClass.QUOTA_EXHAUSTED
                || (failure.type() == FailureClass.RATE_LIMITED && setback.anotherKey());
        if (Boolean.FALSE.equals(failure.shouldRetry()) && !keyBlamed) {
            return NEVER;
        }
        // Who has spoken for long was not silent for long.
        boolean tooLong =
                !setback.spoken() && setback.tookMillis() > limits.patience().toMillis();
        return switch (failure.type()) {
            case RATE_LIMITED -> setback.anotherKey() ? 0 : limitedFor(stop, failure);
            case AUTHENTICATION, QUOTA_EXHAUSTED -> setback.anotherKey() ? 0 : NEVER;
            case OVERLOADED, SERVER_ERROR ->
                !tooLong && stop.firstOf(failure.type())
                        ? Math.max(backoff(stop), failure.retryAfter() == null ? 0 : millis(failure.retryAfter()))
                        : NEVER;
            case NETWORK ->
                !tooLong && Failure.RESET.equals(failure.code()) && stop.firstOf(failure.type()) ? 0 : NEVER;
            case INVALID_RESPONSE, STREAM_BROKEN -> !tooLong && stop.firstOf(failure.type()) ? 0 : NEVER;
            default -> NEVER;
        };
    }

    private long limitedFor(Stop stop, Failure failure) {
        return failure.retryAfter() != null ? millis(failure.retryAfter()) : backoff(stop);
    }

    /** The backoff that follows the calls made so far, in milliseconds: doubled each time. */
    public static long wholeBackoff(Stop stop) {
        int doublings = Math.min(Math.max(0, stop.calls() - 1), 20);
        return Math.min(
                millis(stop.limits().backoff()) << doublings,
                millis(stop.limits().maxBackoff()));
    }

    /** The backoff, jittered between half and the whole of it. */
    private long backoff(Stop stop) {
        return Math.round(wholeBackoff(stop) * (0.5 + random.getAsDouble() / 2));
    }

    /** The first candidate that may be called now; else the one that is back earliest; else nobody. */
    private Decision onward(Plan plan, long now) {
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
                StandIn standIn = wait > millis(back.limits().patience()) ? plan.standIn() : null;
                return standIn == null ? new Go(back, wait, Wait.NOBODY_ELSE) : new Resort(standIn);
            }
        }
        return end(plan, new GiveUp(Cause.EXHAUSTED, earliest(plan, now)));
    }

    /** The end of the way for want of a target: what stands in for an answer, or else the verdict. */
    public Decision end(Plan plan, GiveUp verdict) {
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
    private Decision rejected(Plan plan, Stop stop, Failure failure, long now) {
        Availability.Unavailable hindered = availability.of(stop.target(), now);
        long until = hindered == null ? now + POLL_MILLIS : Math.max(hindered.until(), now + POLL_MILLIS);
        if (stop.calls() > 0) {
            stop.park(until);
        } else if (hindered == null) {
            stop.skip(failure.code() == null ? "CIRCUIT_OPEN" : failure.code(), FailureClass.CIRCUIT_OPEN, until);
        } else {
            stop.skip(hindered.label(), hindered.type(), until);
        }
        return onward(plan, now);
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

    private static long millis(Duration duration) {
        return duration.toMillis();
    }
}
