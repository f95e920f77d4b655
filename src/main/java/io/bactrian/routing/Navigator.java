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
import io.bactrian.request.RequestContext;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the policy where a request goes, waits where it says so, and draws the consequences of failures. Thread-safe. */
public final class Navigator {
    private static final Logger LOG = LoggerFactory.getLogger(Navigator.class);
    /** Who waits for a candidate looks so often whether it is back earlier than was known. */
    private static final long LOOK_UP_MILLIS = 500;

    private final FallbackPolicy policy;
    private final CallOutcomes outcomes;
    private final Rescues rescues;
    private final WaitingLine line;
    private final Clock clock;

    public Navigator(FallbackPolicy policy, CallOutcomes outcomes, Rescues rescues, WaitingLine line, Clock clock) {
        this.policy = policy;
        this.outcomes = outcomes;
        this.rescues = rescues;
        this.line = line;
        this.clock = clock;
    }

    /** Decides where a request starts. */
    public void start(RequestContext context) {
        follow(context, policy.first(context.plan(), clock.millis()));
    }

    /**
     * Decides where a request goes after its candidate failed.
     *
     * @param thrown what the protected call ended in; null if the breaker did not let it begin
     * @return the class of the failure
     */
    public FailureClass next(RequestContext context, @Nullable Throwable thrown) {
        context.currentCall().end();
        Candidate asked = context.candidate();
        CallFailed failed = failure(thrown);
        Rescues.Lesson lesson = lesson(context, asked, failed);
        FailedAttempt failedAttempt = note(context, asked, failed, lesson);
        if (context.isRacer() && failedAttempt.committed()) {
            context.handOver(failedAttempt);
            context.decide(new GiveUp(Cause.EXHAUSTED, null));
        } else {
            next(context, asked, failedAttempt);
        }
        return lesson.failure().type();
    }

    /** Decides where a request goes whose answer was given by this stop until it broke off, or which got none there. */
    void next(RequestContext context, Candidate asked, FailedAttempt failedAttempt) {
        if (failedAttempt.committed()) {
            breakOff(context, failedAttempt.failure());
        }
        if (failedAttempt.committed() && !Rescues.allowed(context, asked, failedAttempt.failure())) {
            context.decide(new Decision.ReturnFailure(failedAttempt.failure()));
            return;
        }
        follow(context, policy.after(context.plan(), asked, failedAttempt, clock.millis()));
    }

    /** Decides where a request goes when candidates that were asked together have all failed. */
    void next(RequestContext context, AskGroup group) {
        follow(
                context,
                context.isCancelled()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : policy.afterAll(context.plan(), group, clock.millis()));
    }

    /** The failure as it is to be told, and whether the target may be asked in another way. */
    private Rescues.Lesson lesson(RequestContext context, Candidate asked, CallFailed failed) {
        Failure failure = context.isCancelled() ? Failure.of(FailureClass.CANCELLED, "cancelled") : failed.failure();
        return context.currentCall().isOpen()
                ? rescues.learn(asked, context, failure)
                : new Rescues.Lesson(failure, AnotherWay.NO);
    }

    /** Notes the failure for all later requests; what it means for this one is decided by the policy. */
    private FailedAttempt note(RequestContext context, Candidate asked, CallFailed failed, Rescues.Lesson lesson) {
        Failure failure = lesson.failure();
        long took = 0;
        boolean anotherKey = false;
        boolean committed = context.reply().committed();
        if (context.currentCall().isOpen()) {
            TrackedCall call = context.currentCall().tracked();
            took = clock.millis() - call.startedAt();
            context.currentCall().failed(failure, took);
            boolean another = call.failed(failure, failed, FallbackPolicy.fullBackoff(asked));
            anotherKey = failed.drill()
                    ? asked.calls() < asked.target().provider().keys().size()
                    : another;
        }
        if (!committed) {
            context.reply().retract();
            context.retractAnswer();
        }
        Failure forTarget = outcomes.forTarget(asked.target(), failure);
        return new FailedAttempt(forTarget, took, anotherKey, failed.staleConnection(), lesson.anotherWay(), committed);
    }

    /** What has been said stands; from now on only those are asked that can go on from there. */
    private void breakOff(RequestContext context, Failure failure) {
        context.reply().flush();
        if (context.partialAnswer().broken() == null) {
            context.partialAnswer().breakOff(failure);
            context.plan().finishOnly(s -> rescues.way(s, context) != null);
        }
    }

    private void follow(RequestContext context, Decision decision) {
        context.decide(decision);
        if (!(decision instanceof Ask ask) || ask.waitMillis() <= 0) {
            return;
        }
        context.decide(
                ask.reason() == Wait.SAME_TARGET ? patiently(context, ask, ask.waitMillis()) : queue(context, ask));
    }

    /** Waits in line until some candidate is back. */
    private Decision queue(RequestContext context, Ask first) {
        Plan plan = context.plan();
        try (WaitingLine.Place place = line.enter(plan.limits().maxWaiting())) {
            if (place == null) {
                return first.reason() == Wait.BETTER_TARGET
                        ? policy.settle(plan, clock.millis())
                        : policy.end(plan, new GiveUp(Cause.EXHAUSTED, clock.millis() + first.waitMillis()));
            }
            context.onCancel(place::wake);
            Decision decision = first;
            while (decision instanceof Ask ask && ask.waitMillis() > 0) {
                decision = await(context, place, ask);
            }
            return decision;
        } finally {
            context.onCancel(null);
        }
    }

    private Decision await(RequestContext context, WaitingLine.Place place, Ask ask) {
        Plan plan = context.plan();
        boolean better = ask.reason() == Wait.BETTER_TARGET;
        long now = clock.millis();
        long back = now + ask.waitMillis();
        long until = better ? plan.betterUntil() : plan.deadlineAt();
        boolean wasAway = !policy.isBack(ask.candidate(), now);
        try {
            if (!place.awaitTurn(ask.candidate().target().key(), until - now)) {
                return context.isCancelled()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : better
                                ? policy.settle(plan, clock.millis())
                                : policy.end(plan, new GiveUp(Cause.DEADLINE, null));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        while (true) {
            now = clock.millis();
            long left = back - now;
            // Somebody may have found out earlier that it is back, or another.
            Candidate early = better ? null : policy.returned(plan, now);
            if (left <= 0 || (wasAway && policy.isBack(ask.candidate(), now))) {
                return policy.resume(plan, ask.candidate(), now);
            }
            if (early != null) {
                return policy.resume(plan, early, now);
            }
            if (patiently(context, ask, Math.min(left, LOOK_UP_MILLIS)) instanceof GiveUp gone) {
                return gone;
            }
        }
    }

    private static Decision patiently(RequestContext context, Ask ask, long millis) {
        try {
            context.await(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        return context.isCancelled() ? new GiveUp(Cause.CANCELLED, null) : ask;
    }

    private static CallFailed failure(@Nullable Throwable thrown) {
        if (thrown == null) {
            return new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the breaker is open"));
        }
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof CallFailed failed) {
                return failed;
            }
        }
        LOG.error("A call failed in a way nobody foresaw", thrown);
        return new CallFailed(Failure.of(FailureClass.SERVER_ERROR, "an error inside the gateway"), false, false);
    }
}
