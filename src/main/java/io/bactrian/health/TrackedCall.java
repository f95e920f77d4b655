package io.bactrian.health;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.health.CallOutcomes.Kind;
import io.bactrian.health.KeyPool.Key;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One call to a target, from its permit to its outcome. Later requests profit from what it reports. Used by the thread
 * of the request; any thread may end it.
 */
public final class TrackedCall {
    private final CallOutcomes outcomes;
    private final Target target;
    private final Limits limits;
    private final Key key;
    private final Kind kind;
    private final boolean stream;
    private final boolean trial;
    /** The breaker that the call has asked; null if that of its route, or none, was asked. */
    private final @Nullable CircuitBreaker breaker;

    private final Semaphore permit;
    private final String learner;
    private final long startedAt;
    private final AtomicBoolean ended = new AtomicBoolean();
    private boolean measured;

    TrackedCall(
            CallOutcomes outcomes,
            Target target,
            Limits limits,
            Key key,
            Kind kind,
            boolean stream,
            boolean trial,
            @Nullable CircuitBreaker breaker,
            Semaphore permit,
            String learner) {
        this.outcomes = outcomes;
        this.target = target;
        this.limits = limits;
        this.key = key;
        this.kind = kind;
        this.stream = stream;
        this.trial = trial;
        this.breaker = breaker;
        this.permit = permit;
        this.learner = learner;
        this.startedAt = outcomes.clock.millis();
        if (kind == Kind.MODEL) {
            outcomes.latencies.callStarted(target);
        }
    }

    /** The key of the provider that the call uses. */
    public Key key() {
        return key;
    }

    /** The caller for which it is kept what the call shows; empty if it holds for all. */
    public String learner() {
        return learner;
    }

    /** The start of the call in epoch milliseconds. */
    public long startedAt() {
        return startedAt;
    }

    /** Notes the first content: a trial has succeeded, and the time to first token is known. */
    public void firstContent() {
        if (kind != Kind.MODEL) {
            return;
        }
        outcomes.breakers.firstContent(target);
        if (trial) {
            outcomes.cooldowns.clear(target, key.number(), startedAt);
        }
        if (!measured) {
            measured = true;
            long took = outcomes.clock.millis() - startedAt;
            outcomes.latencies.firstToken(target, stream, took);
            if (stream) {
                outcomes.observer.firstToken(target, took);
            }
        }
    }

    /**
     * Notes the remaining quota of the key that the response reports.
     *
     * @param left the quotas that may run out; empty if all are ample
     */
    public void remaining(List<RemainingQuota> left) {
        if (kind == Kind.MODEL) {
            outcomes.keyPool.noteRemaining(target, key, startedAt, left);
        }
    }

    /** Notes an event of the stream that was not JSON. */
    public void malformedEvent() {
        outcomes.observer.malformed(target);
    }

    /** Notes the reason why the call is given up. A limit reached before the first token counts as a latency. */
    public void givenUp(CallFailed why) {
        boolean slow = why.failure().type() == FailureClass.TIMEOUT && why.counts();
        if (slow && !measured && kind == Kind.MODEL) {
            measured = true;
            outcomes.latencies.timedOut(target, stream, outcomes.clock.millis() - startedAt);
        }
    }

    /** Notes that the call succeeded; to be called before the caller has the end of the answer. */
    public void succeeded(long took) {
        if (kind != Kind.MODEL) {
            return;
        }
        outcomes.breakers.succeeded(target);
        outcomes.cooldowns.clear(target, key.number(), startedAt);
        outcomes.cooldowns.ofCallers().succeeded(target, learner);
        if (breaker != null) {
            breaker.onSuccess(took, TimeUnit.MILLISECONDS);
        }
        outcomes.health.answered(target, took);
        outcomes.observer.answered(target, took);
    }

    /**
     * Notes that the call failed. In a drill no provider has failed, so only a breaker may count it.
     *
     * @param failure the failure as it is reported
     * @param thrown the exception as it was thrown, for the breaker
     * @param backoffMillis the cooldown after a rate limit for which the provider named no wait
     * @return true if another key of the provider may be used for the target now
     */
    public boolean failed(Failure failure, CallFailed thrown, long took, long backoffMillis) {
        long now = outcomes.clock.millis();
        if (breaker != null) {
            breaker.onError(took, TimeUnit.MILLISECONDS, thrown);
        }
        if (thrown.drill()) {
            return false;
        }
        outcomes.observer.failed(target, failure, took);
        if (failure.isOwn()) {
            return false;
        }
        boolean ofAll = outcomes.cooldowns
                .ofCallers()
                .failed(target, limits, thrown.counts() ? thrown.learner() : learner, failure, thrown.counts(), now);
        if (ofAll) {
            outcomes.cooldowns.note(target, key.number(), failure, backoffMillis, now);
        }
        boolean another = outcomes.keyPool.another(target, key.number(), now);
        if (kind == Kind.MODEL) {
            outcomes.health.failed(target, failure, thrown.counts(), another, ofAll, took);
        }
        return another;
    }

    /**
     * Notes that a probe succeeded: the cooldowns whose cause lasts until it is removed end, and an open breaker lets a trial
     * call through. A wait that the provider asked for goes on.
     *
     * @param ofModel whether the model was asked; a list of models proves only the key
     */
    public void probeSucceeded(boolean ofModel) {
        outcomes.cooldowns.clear(
                target,
                key.number(),
                startedAt,
                type -> ofModel ? type.isLasting() : type == FailureClass.AUTHENTICATION);
        outcomes.breakers.halfOpen(target);
    }

    /**
     * Notes that a probe failed. No breaker counts it.
     *
     * @return true if another key of the provider may be used for the target now
     */
    public boolean probeFailed(Failure failure, long backoffMillis) {
        long now = outcomes.clock.millis();
        outcomes.cooldowns.note(target, key.number(), failure, backoffMillis, now);
        return outcomes.keyPool.another(target, key.number(), now);
    }

    /** Ends a call that was not made, and returns the permission of its breaker. */
    public void abandon() {
        end();
        if (breaker != null) {
            breaker.releasePermission();
        }
    }

    /** Ends the call, whatever its outcome, and returns its permit. Only the first call of this method counts. */
    public void end() {
        if (ended.compareAndSet(false, true)) {
            permit.release();
            if (kind == Kind.MODEL) {
                outcomes.latencies.callEnded(target);
            }
        }
    }
}
