package io.bactrian.routing;

import io.bactrian.health.Cooldowns;
import io.bactrian.health.KeyPool;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.Go;
import io.bactrian.policy.Decision.Together;
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
    private final Cooldowns cooldowns;
    private final KeyPool keyPool;
    private final AdHocBreakers adHoc;
    private final Rescues rescues;
    private final Observer observer;
    private final WaitingLine line;
    private final Clock clock;

    public Navigator(
            FallbackPolicy policy,
            Cooldowns cooldowns,
            KeyPool keyPool,
            AdHocBreakers adHoc,
            Rescues rescues,
            Observer observer,
            WaitingLine line,
            Clock clock) {
        this.policy = policy;
        this.cooldowns = cooldowns;
        this.keyPool = keyPool;
        this.adHoc = adHoc;
        this.rescues = rescues;
        this.observer = observer;
        this.line = line;
        this.clock = clock;
    }

    /** Decides where a request starts. */
    public void setOut(RequestContext context) {
        follow(context, policy.first(context.plan(), clock.millis()));
    }

    /**
     * Decides where a request goes after its stop failed.
     *
     * @param thrown what the protected call ended in; null if the breaker let nobody in
     */
    public void goOn(RequestContext context, @Nullable Throwable thrown) {
        context.lastCall().end();
        Candidate asked = context.stop();
        FailedAttempt failedAttempt = understand(context, asked, failure(thrown));
        if (context.isRacer() && failedAttempt.spoken()) {
            context.handUp(failedAttempt);
            context.decide(new GiveUp(Cause.EXHAUSTED, null));
        } else {
            goOn(context, asked, failedAttempt);
        }
    }

    /** Decides where a request goes whose answer was given by this stop until it broke off, or which got none there. */
    void goOn(RequestContext context, Candidate asked, FailedAttempt failedAttempt) {
        if (failedAttempt.spoken()) {
            breakOff(context, failedAttempt.failure());
        }
        if (failedAttempt.spoken() && !Rescues.allowed(context, asked, failedAttempt.failure())) {
            context.decide(new Decision.Return(failedAttempt.failure()));
            return;
        }
        follow(context, policy.after(context.plan(), asked, failedAttempt, clock.millis()));
    }

    /** Decides where a request goes when candidates that were asked together have all failed. */
    void goOn(RequestContext context, Together together) {
        follow(
                context,
                context.hasLeft()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : policy.afterAll(context.plan(), together, clock.millis()));
    }

    /** Draws the consequences of a failure for everybody else; what it means for this request is the policy's to say. */
    private FailedAttempt understand(RequestContext context, Candidate asked, CallFailed failed) {
        Failure failure = context.hasLeft() ? Failure.of(FailureClass.CANCELLED, "cancelled") : failed.failure();
        long now = clock.millis();
        long took = 0;
        boolean anotherKey = false;
        AnotherWay anotherWay = AnotherWay.NO;
        boolean spoken = context.reply().spoken();
        if (context.lastCall().isOpen()) {
            Rescues.Lesson lesson = rescues.learn(asked, context, failure);
            failure = lesson.failure();
            anotherWay = lesson.anotherWay();
            took = now - context.lastCall().startedAt();
            context.lastCall().failed(failure, took);
            adHoc.failed(asked, context, took, failed);
            if (failed.drill()) {
                anotherKey = asked.calls() < asked.target().provider().keys().size();
            } else {
                observer.failed(asked.target(), failure, took);
                cooldowns.note(
                        asked.target(), context.lastCall().key(), failure, FallbackPolicy.wholeBackoff(asked), now);
                anotherKey = keyPool.another(asked.target(), context.lastCall().key(), now);
            }
        }
        if (!spoken) {
            context.reply().retract();
            context.notAnswering();
        }
        Failure forTarget = keyPool.forTarget(asked.target(), failure, now);
        return new FailedAttempt(forTarget, took, anotherKey, failed.staleConnection(), anotherWay, spoken);
    }

    /** What has been said stands; from now on only those are asked that can go on from there. */
    private void breakOff(RequestContext context, Failure failure) {
        context.reply().flush();
        if (context.spoken().broken() == null) {
            context.spoken().breakOff(failure);
            context.plan().finishOnly(s -> rescues.way(s, context) != null);
        }
    }

    private void follow(RequestContext context, Decision decision) {
        context.decide(decision);
        if (!(decision instanceof Go go) || go.waitMillis() <= 0) {
            return;
        }
        context.decide(go.reason() == Wait.SAME ? patiently(context, go, go.waitMillis()) : queue(context, go));
    }

    /** Waits in line until some candidate is back. */
    private Decision queue(RequestContext context, Go first) {
        Plan plan = context.plan();
        try (WaitingLine.Place place = line.enter(plan.limits().maxWaiting())) {
            if (place == null) {
                return first.reason() == Wait.BETTER
                        ? policy.settle(plan, clock.millis())
                        : policy.end(plan, new GiveUp(Cause.EXHAUSTED, clock.millis() + first.waitMillis()));
            }
            context.underWay(place::wake);
            Decision decision = first;
            while (decision instanceof Go go && go.waitMillis() > 0) {
                decision = await(context, place, go);
            }
            return decision;
        } finally {
            context.underWay(null);
        }
    }

    private Decision await(RequestContext context, WaitingLine.Place place, Go go) {
        Plan plan = context.plan();
        boolean better = go.reason() == Wait.BETTER;
        long now = clock.millis();
        long back = now + go.waitMillis();
        long until = better ? plan.betterUntil() : plan.deadlineAt();
        boolean wasAway = !policy.isBack(go.candidate(), now);
        try {
            if (!place.awaitTurn(go.candidate().target().key(), until - now)) {
                return context.hasLeft()
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
            if (left <= 0 || (wasAway && policy.isBack(go.candidate(), now))) {
                return policy.resume(plan, go.candidate(), now);
            }
            if (early != null) {
                return policy.resume(plan, early, now);
            }
            if (patiently(context, go, Math.min(left, LOOK_UP_MILLIS)) instanceof GiveUp gone) {
                return gone;
            }
        }
    }

    private static Decision patiently(RequestContext context, Go go, long millis) {
        try {
            context.await(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        return context.hasLeft() ? new GiveUp(Cause.CANCELLED, null) : go;
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
