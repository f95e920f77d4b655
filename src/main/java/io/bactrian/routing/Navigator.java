package io.bactrian.routing;

import io.bactrian.health.CallOutcomes;
import io.bactrian.health.TrackedCall;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.Wait;
import io.bactrian.policy.FailedAttempt;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.policy.Plan;
import io.bactrian.provider.failure.OwnLack;
import io.bactrian.request.RequestContext;
import io.bactrian.request.Stopping;
import io.bactrian.request.Waits;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A navigator of requests between candidates: has the policy decide on the next one, waits if that is the decision, and records
 * failures. Thread-safe.
 */
public final class Navigator {
    private static final Logger LOG = LoggerFactory.getLogger(Navigator.class);
    /** The interval at which a waiting request checks whether a candidate is back earlier than expected, in milliseconds. */
    private static final long CHECK_RETURN_MILLIS = 500;

    /** The most decisions of one request. The stack of its thread has room for twice as many. */
    private static final int MAX_TURNS = 200;

    /** The time between two lines about a lack of the gateway's own. */
    private static final long TELL_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AtomicLong lackTold = new AtomicLong(System.nanoTime() - TELL_AGAIN_NANOS);
    private final FallbackPolicy policy;
    private final CallOutcomes outcomes;
    private final Rescues rescues;
    private final WaitingLine line;
    private final Stopping stopping;
    private final int placesOfCaller;
    private final Runnable turnedAway;
    private final Clock clock;

    /**
     * @param placesOfCaller the most requests of one caller that wait at once, where there are several callers
     * @param turnedAway called for each request that finds no place in the line
     */
    public Navigator(
            FallbackPolicy policy,
            CallOutcomes outcomes,
            Rescues rescues,
            WaitingLine line,
            Stopping stopping,
            int placesOfCaller,
            Runnable turnedAway,
            Clock clock) {
        this.placesOfCaller = placesOfCaller;
        this.turnedAway = turnedAway;
        this.policy = policy;
        this.outcomes = outcomes;
        this.rescues = rescues;
        this.line = line;
        this.stopping = stopping;
        this.clock = clock;
    }

    /** Decides on the first candidate of a request, and waits for it if it is away. */
    public void start(RequestContext context) {
        follow(context, policy.first(context.plan(), clock.millis()), Waits.Reason.BACKOFF);
    }

    /**
     * Records the failure of the current candidate, decides on the next step, and waits if that is the decision.
     *
     * @param thrown the exception of the call; null if the breaker rejected the call
     * @return the class of the failure
     */
    public FailureClass next(RequestContext context, @Nullable Throwable thrown) {
        context.currentCall().end();
        Candidate candidate = context.candidate();
        CallFailed failed = failure(thrown);
        Rescues.Lesson lesson = learn(context, candidate, failed);
        FailedAttempt failedAttempt = record(context, candidate, failed, lesson);
        if (lesson.failure().isOwn() && !failedAttempt.committed()) {
            tellOfLack(lesson.failure());
            context.decide(new Decision.ReturnFailure(lesson.failure()));
        } else if (context.isRacer() && failedAttempt.committed()) {
            context.handOver(failedAttempt);
            context.decide(new GiveUp(Cause.EXHAUSTED, null));
        } else {
            next(context, candidate, failedAttempt);
        }
        return lesson.failure().type();
    }

    private void tellOfLack(Failure failure) {
        long now = System.nanoTime();
        long told = lackTold.get();
        if (now - told >= TELL_AGAIN_NANOS && lackTold.compareAndSet(told, now)) {
            LOG.error("Requests end with status 503: {}", failure.reason());
        }
    }

    /** Decides on the next step after a failed attempt, be it without an answer or in the middle of one. */
    void next(RequestContext context, Candidate candidate, FailedAttempt failedAttempt) {
        if (failedAttempt.committed()) {
            breakOff(context, candidate, failedAttempt.failure());
        }
        if (failedAttempt.committed() && !Rescues.allowed(context, candidate, failedAttempt.failure())) {
            context.decide(new Decision.ReturnFailure(failedAttempt.failure()));
            return;
        }
        follow(
                context,
                policy.after(context.plan(), candidate, failedAttempt, clock.millis()),
                failedAttempt.failure().retryAfter() == null ? Waits.Reason.BACKOFF : Waits.Reason.RETRY_AFTER);
    }

    /** Decides on the next step after all candidates of a group have failed. */
    void next(RequestContext context, AskGroup group) {
        follow(
                context,
                context.isCancelled()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : policy.afterAll(context.plan(), group, clock.millis()),
                Waits.Reason.BACKOFF);
    }

    /** The failure as it is reported, and the other way in which the target may be called, if there is one. */
    private Rescues.Lesson learn(RequestContext context, Candidate candidate, CallFailed failed) {
        Failure failure = context.isCancelled() ? Failure.of(FailureClass.CANCELLED, "cancelled") : failed.failure();
        return context.currentCall().isOpen()
                ? rescues.learn(candidate, context, failure)
                : new Rescues.Lesson(failure, AnotherWay.NO);
    }

    /** Records the failure in the trail and for later requests. Its consequences for this request are the policy's decision. */
    private FailedAttempt record(
            RequestContext context, Candidate candidate, CallFailed failed, Rescues.Lesson lesson) {
        Failure failure = lesson.failure();
        long took = 0;
        boolean anotherKey = false;
        boolean committed = context.reply().committed();
        if (context.currentCall().isOpen()) {
            TrackedCall call = context.currentCall().tracked();
            took = clock.millis() - call.startedAt();
            context.currentCall().failed(failure, took);
            boolean another = call.failed(failure, failed, took, FallbackPolicy.fullBackoff(candidate));
            anotherKey = failed.drill()
                    ? candidate.calls() < candidate.target().provider().keys().size()
                    : another;
        }
        if (!committed) {
            context.reply().retract();
            context.retractAnswer();
        }
        Failure forTarget = outcomes.forTarget(candidate.target(), failure);
        return new FailedAttempt(forTarget, took, anotherKey, failed.staleConnection(), lesson.anotherWay(), committed);
    }

    /** Notes that the answer broke off: only candidates that can finish it are called from now on. */
    private void breakOff(RequestContext context, Candidate broken, Failure failure) {
        context.reply().flush();
        boolean first = context.partialAnswer().broken() == null;
        context.partialAnswer().breakOff(failure, broken.target().name());
        if (first) {
            context.plan().finishOnly(candidate -> rescues.way(candidate, context) != null);
        }
    }

    /** @param again the reason for a wait before the same target is asked again */
    private void follow(RequestContext context, Decision wanted, Waits.Reason again) {
        Decision decision = bounded(context, wanted);
        context.decide(decision);
        context.trace().decided(context);
        if (!(decision instanceof Ask ask) || ask.waitMillis() <= 0) {
            return;
        }
        if (stopping.begun()) {
            context.decide(insteadOfWait(context, ask));
            return;
        }
        long from = System.nanoTime();
        context.decide(
                ask.reason() == Wait.SAME_TARGET ? pause(context, ask, ask.waitMillis()) : waitInLine(context, ask));
        context.waits().since(from, reason(ask.reason(), again));
        context.trace().waited(ask.candidate(), ask.reason(), (System.nanoTime() - from) / 1_000_000);
    }

    /** The decision, or the end of a request that has gone too many ways: each one is a deeper call of the routes. */
    private Decision bounded(RequestContext context, Decision wanted) {
        if (context.turn() <= MAX_TURNS || !(wanted instanceof Ask || wanted instanceof AskGroup)) {
            return wanted;
        }
        LOG.warn("Request {} ends after {} decisions without an answer", context.id(), MAX_TURNS);
        return policy.end(context.plan(), new GiveUp(Cause.EXHAUSTED, null));
    }

    private static Waits.Reason reason(Wait wait, Waits.Reason again) {
        return switch (wait) {
            case BETTER_TARGET -> Waits.Reason.BETTER;
            case NO_OTHER_TARGET -> Waits.Reason.NO_TARGET;
            case SAME_TARGET, NONE -> again;
        };
    }

    /** The end of a wait because the program stops: a target that can be asked at once, a last resort, or an error. */
    private Decision insteadOfWait(RequestContext context, Ask ask) {
        Plan plan = context.plan();
        long now = clock.millis();
        Decision instead = ask.reason() == Wait.BETTER_TARGET
                ? policy.settle(plan, now)
                : policy.endOfWait(plan, Cause.EXHAUSTED, now);
        if (instead instanceof GiveUp || (instead instanceof Ask again && again.waitMillis() > 0)) {
            context.stop();
            return new GiveUp(Cause.CANCELLED, null);
        }
        return instead;
    }

    /** Waits in the waiting line until a candidate is back, or the wait is over. */
    private Decision waitInLine(RequestContext context, Ask first) {
        Plan plan = context.plan();
        Runnable wake = null;
        int places = plan.limits().maxWaiting();
        String caller = context.learner();
        // A part of the line is left to others, however long the line is.
        int own = caller.isEmpty() ? places : Math.min(placesOfCaller, places - places / 4);
        try (WaitingLine.Place place = line.enter(caller, places, own)) {
            if (place == null) {
                turnedAway.run();
                return first.reason() == Wait.BETTER_TARGET
                        ? policy.settle(plan, clock.millis())
                        : policy.turnAway(plan, first, clock.millis());
            }
            wake = place::wake;
            context.onCancel(wake);
            stopping.waits(wake);
            Decision decision = first;
            while (decision instanceof Ask ask && ask.waitMillis() > 0) {
                decision = awaitReturn(context, place, ask);
            }
            return decision;
        } finally {
            context.onCancel(null);
            if (wake != null) {
                stopping.waitsNoMore(wake);
            }
        }
    }

    private Decision awaitReturn(RequestContext context, WaitingLine.Place place, Ask ask) {
        Plan plan = context.plan();
        boolean better = ask.reason() == Wait.BETTER_TARGET;
        long now = clock.millis();
        long back = now + ask.waitMillis();
        long until = better ? plan.betterUntil() : plan.waitsUntil(now);
        boolean wasAway = !policy.isBack(ask.candidate(), now);
        try {
            if (!place.awaitTurn(ask.candidate().target().key(), until - now)) {
                if (stopping.begun() && !context.isCancelled()) {
                    return insteadOfWait(context, ask);
                }
                return context.isCancelled()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : better
                                ? policy.settle(plan, clock.millis())
                                : policy.endOfWait(
                                        plan,
                                        until < plan.deadlineAt() ? Cause.EXHAUSTED : Cause.DEADLINE,
                                        clock.millis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        while (true) {
            now = clock.millis();
            long left = back - now;
            // Another request may have found that this candidate or another one is back already.
            Candidate early = better ? null : policy.returned(plan, now);
            if (left <= 0 || (wasAway && policy.isBack(ask.candidate(), now))) {
                return policy.resume(plan, ask.candidate(), now);
            }
            if (early != null) {
                return policy.resume(plan, early, now);
            }
            Decision then = pause(context, ask, Math.min(left, CHECK_RETURN_MILLIS));
            if (then != ask) {
                return then;
            }
        }
    }

    /** Waits; does something else if the request is cancelled or the program stops meanwhile. */
    private Decision pause(RequestContext context, Ask ask, long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        try {
            for (long left = millis;
                    left > 0 && !context.isCancelled();
                    left = (until - System.nanoTime()) / 1_000_000) {
                if (stopping.begun()) {
                    return insteadOfWait(context, ask);
                }
                context.await(Math.min(left, CHECK_RETURN_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        return context.isCancelled() ? new GiveUp(Cause.CANCELLED, null) : ask;
    }

    static CallFailed failure(@Nullable Throwable thrown) {
        if (thrown == null) {
            return new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the breaker is open"));
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof CallFailed failed) {
                return failed;
            }
        }
        Failure own = OwnLack.of(thrown);
        if (own != null) {
            return new CallFailed(own, false, false);
        }
        LOG.error("Unexpected exception in a provider call", thrown);
        return new CallFailed(Failure.of(FailureClass.SERVER_ERROR, "an error inside the gateway"), false, false);
    }
}
