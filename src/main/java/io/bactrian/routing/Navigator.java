package io.bactrian.routing;

import io.bactrian.chat.Conversation;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Cooldowns;
import io.bactrian.fallback.Decision;
import io.bactrian.fallback.Decision.Cause;
import io.bactrian.fallback.Decision.GiveUp;
import io.bactrian.fallback.Decision.Go;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.fallback.FallbackPolicy;
import io.bactrian.fallback.Keys;
import io.bactrian.fallback.Setback;
import io.bactrian.fallback.Setback.AnotherWay;
import io.bactrian.fallback.Stop;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the policy where a request goes, waits where it says so, and draws the consequences of failures. Thread-safe. */
public final class Navigator {
    private static final Logger LOG = LoggerFactory.getLogger(Navigator.class);

    private final FallbackPolicy policy;
    private final Cooldowns cooldowns;
    private final Keys keys;
    private final AdHocBreakers adHoc;
    private final Rescues rescues;
    private final Observer observer;
    private final Clock clock;
    private final AtomicInteger queued = new AtomicInteger();

    public Navigator(
            FallbackPolicy policy,
            Cooldowns cooldowns,
            Keys keys,
            AdHocBreakers adHoc,
            Rescues rescues,
            Observer observer,
            Clock clock) {
        this.policy = policy;
        this.cooldowns = cooldowns;
        this.keys = keys;
        this.adHoc = adHoc;
        this.rescues = rescues;
        this.observer = observer;
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
        conversation.endCall();
        Stop stop = conversation.stop();
        CallFailed failed = failure(thrown);
        Failure failure =
                conversation.hasLeft() ? Failure.of(FailureClass.CANCELLED, "the caller left") : failed.failure();
        long now = clock.millis();
        long took = 0;
        boolean anotherKey = false;
        AnotherWay anotherWay = AnotherWay.NO;
        boolean spoken = conversation.reply().spoken();
        if (conversation.callOpen()) {
            Rescues.Lesson lesson = rescues.learn(stop, conversation, failure);
            failure = lesson.failure();
            anotherWay = lesson.anotherWay();
            took = now - conversation.calledAt();
            conversation.trail().failed(stop.target().name(), failure, took, conversation.heard());
            adHoc.failed(stop, conversation, took, failed);
            if (failed.drill()) {
                anotherKey = stop.calls() < stop.target().provider().keys().size();
            } else {
                observer.failed(stop.target(), failure, took);
                cooldowns.note(stop.target(), conversation.key(), failure, FallbackPolicy.wholeBackoff(stop), now);
                anotherKey = keys.any(stop.target().provider(), now);
            }
        }
        if (spoken) {
            breakOff(conversation, failure);
        } else {
            conversation.reply().retract();
            conversation.notAnswering();
        }
        if (spoken && !Rescues.allowed(conversation, stop, failure)) {
            conversation.decide(new Decision.Return(failure));
            return;
        }
        Setback setback = new Setback(failure, took, anotherKey, failed.staleConnection(), anotherWay, spoken);
        follow(conversation, policy.after(conversation.plan(), stop, setback, now));
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
        if (!go.queued()) {
            conversation.decide(patiently(conversation, go));
            return;
        }
        try {
            conversation.decide(
                    queued.incrementAndGet() <= conversation.plan().limits().maxWaiting()
                            ? queue(conversation, go)
                            : new GiveUp(Cause.EXHAUSTED, clock.millis() + go.waitMillis()));
        } finally {
            queued.decrementAndGet();
        }
    }

    /** Waits until some candidate is back. */
    private Decision queue(Conversation conversation, Go first) {
        Decision decision = first;
        while (decision instanceof Go go && go.waitMillis() > 0) {
            decision = patiently(conversation, go);
            if (decision instanceof Go) {
                decision = policy.resume(conversation.plan(), go.stop(), clock.millis());
            }
        }
        return decision;
    }

    private static Decision patiently(Conversation conversation, Go go) {
        try {
            conversation.await(go.waitMillis());
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
