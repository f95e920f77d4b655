package io.bactrian.routing;

import io.bactrian.chat.Conversation;
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
    public void setOut(Conversation conversation) {
        follow(conversation, policy.first(conversation.plan(), clock.millis()));
    }

    /**
     * Decides where a request goes after its stop failed.
     *
     * @param thrown what the protected call ended in; null if the breaker let nobody in
     */
    public void goOn(Conversation conversation, @Nullable Throwable thrown) {
        conversation.lastCall().end();
        Candidate asked = conversation.stop();
        FailedAttempt failedAttempt = understand(conversation, asked, failure(thrown));
        if (conversation.isRacer() && failedAttempt.spoken()) {
            conversation.handUp(failedAttempt);
            conversation.decide(new GiveUp(Cause.EXHAUSTED, null));
        } else {
            goOn(conversation, asked, failedAttempt);
        }
    }

    /** Decides where a request goes whose answer was given by this stop until it broke off, or which got none there. */
    void goOn(Conversation conversation, Candidate asked, FailedAttempt failedAttempt) {
        if (failedAttempt.spoken()) {
            breakOff(conversation, failedAttempt.failure());
        }
        if (failedAttempt.spoken() && !Rescues.allowed(conversation, asked, failedAttempt.failure())) {
            conversation.decide(new Decision.Return(failedAttempt.failure()));
            return;
        }
        follow(conversation, policy.after(conversation.plan(), asked, failedAttempt, clock.millis()));
    }

    /** Decides where a request goes when candidates that were asked together have all failed. */
    void goOn(Conversation conversation, Together together) {
        follow(
                conversation,
                conversation.hasLeft()
                        ? new GiveUp(Cause.CANCELLED, null)
                        : policy.afterAll(conversation.plan(), together, clock.millis()));
    }

    /** Draws the consequences of a failure for everybody else; what it means for this request is the policy's to say. */
    private FailedAttempt understand(Conversation conversation, Candidate asked, CallFailed failed) {
        Failure failure = conversation.hasLeft() ? Failure.of(FailureClass.CANCELLED, "cancelled") : failed.failure();
        long now = clock.millis();
        long took = 0;
        boolean anotherKey = false;
        AnotherWay anotherWay = AnotherWay.NO;
        boolean spoken = conversation.reply().spoken();
        if (conversation.lastCall().isOpen()) {
            Rescues.Lesson lesson = rescues.learn(asked, conversation, failure);
            failure = lesson.failure();
            anotherWay = lesson.anotherWay();
            took = now - conversation.lastCall().startedAt();
            conversation.lastCall().failed(failure, took);
            adHoc.failed(asked, conversation, took, failed);
            if (failed.drill()) {
                anotherKey = asked.calls() < asked.target().provider().keys().size();
            } else {
                observer.failed(asked.target(), failure, took);
                cooldowns.note(
                        asked.target(),
                        conversation.lastCall().key(),
                        failure,
                        FallbackPolicy.wholeBackoff(asked),
                        now);
                anotherKey =
                        keyPool.another(asked.target(), conversation.lastCall().key(), now);
            }
        }
        if (!spoken) {
            conversation.reply().retract();
            conversation.notAnswering();
        }
        Failure forTarget = keyPool.forTarget(asked.target(), failure, now);
        return new FailedAttempt(forTarget, took, anotherKey, failed.staleConnection(), anotherWay, spoken);
    }

    /** What has been said stands; from now on only those are asked that can go on from there. */
    private void breakOff(Conversation conversation, Failure failure) {
        conversation.reply().flush();
        if (conversation.spoken().broken() == null) {
            conversation.spoken().breakOff(failure);
            conversation.plan().finishOnly(s -> rescues.way(s, conversation) != null);
        }
    }

    private void follow(Conversation conversation, Decision decision) {
        conversation.decide(decision);
        if (!(decision instanceof Go go) || go.waitMillis() <= 0) {
            return;
        }
        conversation.decide(
                go.reason() == Wait.SAME ? patiently(conversation, go, go.waitMillis()) : queue(conversation, go));
    }

    /** Waits in line until some candidate is back. */
    private Decision queue(Conversation conversation, Go first) {
        Plan plan = conversation.plan();
        try (WaitingLine.Place place = line.enter(plan.limits().maxWaiting())) {
            if (place == null) {
                return first.reason() == Wait.BETTER
                        ? policy.settle(plan, clock.millis())
                        : policy.end(plan, new GiveUp(Cause.EXHAUSTED, clock.millis() + first.waitMillis()));
            }
            conversation.underWay(place::wake);
            Decision decision = first;
            while (decision instanceof Go go && go.waitMillis() > 0) {
                decision = await(conversation, place, go);
            }
            return decision;
        } finally {
            conversation.underWay(null);
        }
    }

    private Decision await(Conversation conversation, WaitingLine.Place place, Go go) {
        Plan plan = conversation.plan();
        boolean better = go.reason() == Wait.BETTER;
        long now = clock.millis();
        long back = now + go.waitMillis();
        long until = better ? plan.betterUntil() : plan.deadlineAt();
        boolean wasAway = !policy.isBack(go.candidate(), now);
        try {
            if (!place.awaitTurn(go.candidate().target().key(), until - now)) {
                return conversation.hasLeft()
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
            if (patiently(conversation, go, Math.min(left, LOOK_UP_MILLIS)) instanceof GiveUp gone) {
                return gone;
            }
        }
    }

    private static Decision patiently(Conversation conversation, Go go, long millis) {
        try {
            conversation.await(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new GiveUp(Cause.CANCELLED, null);
        }
        return conversation.hasLeft() ? new GiveUp(Cause.CANCELLED, null) : go;
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
