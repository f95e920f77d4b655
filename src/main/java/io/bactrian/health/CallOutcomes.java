package io.bactrian.health;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.health.KeyPool.Key;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Clock;
import java.util.concurrent.Semaphore;

/**
 * The one place that learns how healthy targets are from calls to them: {@link #begin} takes a key and a connection permit for a call, and the returned
 * {@link TrackedCall} reports its outcome to breakers, cooldowns, keys, quotas, latencies and the observer. The
 * consequences of a failure for the request itself are decided by {@code policy}. Thread-safe.
 */
public final class CallOutcomes {
    /** The interval at which a call that waits for a permit checks whether its caller has left. */
    private static final long CHECK_CALLER_MILLIS = 200;

    final Breakers breakers;
    final Cooldowns cooldowns;
    final KeyPool keyPool;
    final TargetLatencies latencies;
    final HealthBook health;
    final CallObserver observer;
    final Clock clock;
    private final ConnectionPermits permits;

    public CallOutcomes(
            Breakers breakers,
            Cooldowns cooldowns,
            KeyPool keyPool,
            TargetLatencies latencies,
            ConnectionPermits permits,
            HealthBook health,
            CallObserver observer,
            Clock clock) {
        this.breakers = breakers;
        this.cooldowns = cooldowns;
        this.keyPool = keyPool;
        this.latencies = latencies;
        this.permits = permits;
        this.health = health;
        this.observer = observer;
        this.clock = clock;
    }

    /** The kinds of calls. */
    public enum Kind {
        /** A call to a model, whose outcome concerns the health of the target. */
        MODEL,
        /** A call beside the model, such as a count of tokens: nothing is learned from it. */
        OTHER,
        /** A call that a drill fails in the provider's place: it needs no connection, and no latency is measured. */
        DRILL,
        /** A call of the health monitor: it waits for no connection, and nothing is learned from it here. */
        PROBE
    }

    /** The request that waits for a connection permit. */
    @FunctionalInterface
    public interface Waiting {
        /** True once the caller no longer waits. */
        boolean isCancelled();

        /** The caller for which it is kept what the call shows; empty if it holds for all. */
        default String learner() {
            return "";
        }

        /**
         * Called when it has waited, with a permit or without.
         *
         * @param from the start of the wait, as {@link System#nanoTime} counts
         */
        default void waitedSince(long from) {}
    }

    /**
     * Begins a call: takes a key, and waits for a connection permit.
     *
     * @param stream true if the target is asked for a stream
     * @param trial true if the call is a trial during a cooldown, of which one is made at a time
     * @param guarded true if the target's breaker is checked here, because its route has none
     * @param waiting who waits for a permit
     * @param until the end of the wait for a permit, in epoch milliseconds
     * @throws CallFailed CIRCUIT_OPEN if every key rests, another request makes the trial, every permit is taken, or the breaker is open
     */
    public TrackedCall begin(
            Target target,
            Limits limits,
            Kind kind,
            boolean stream,
            boolean trial,
            boolean guarded,
            Waiting waiting,
            long until) {
        long now = clock.millis();
        Key key = trial ? keyPool.takeForTrial(target, now) : keyPool.take(target, now);
        if (key == null) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "every key rests"));
        }
        Semaphore permit = kind == Kind.DRILL ? new Semaphore(0) : permit(target, waiting, until);
        TrackedCall call = null;
        try {
            CircuitBreaker breaker = guarded ? breakers.of(target, limits) : null;
            call = new TrackedCall(this, target, limits, key, kind, stream, trial, breaker, permit, waiting.learner());
            if (breaker != null && !breaker.tryAcquirePermission()) {
                throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the breaker is open"));
            }
            return call;
        } catch (Throwable e) {
            if (call == null) {
                permit.release();
            } else {
                call.end();
            }
            throw e;
        }
    }

    /**
     * Begins a probe, with the next key in turn, or one that rests for a cause that may have been removed. It takes no permit,
     * so that no caller waits for it.
     *
     * @throws CallFailed CIRCUIT_OPEN if there is nothing to be learned: callers use every connection, or the keys are rate
     *     limited
     */
    public TrackedCall beginProbe(Target target, Limits limits) {
        if (permits.of(target.provider()).availablePermits() <= 0) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "callers use every connection"));
        }
        Key key = keyPool.takeForProbe(target, clock.millis());
        if (key == null) {
            throw new CallFailed(Failure.of(FailureClass.CIRCUIT_OPEN, "the keys are rate limited"));
        }
        return new TrackedCall(this, target, limits, key, Kind.PROBE, false, false, null, new Semaphore(0), "");
    }

    /** Waits for one of the provider's permits. A lack of permits is no sign of its health. */
    private Semaphore permit(Target target, Waiting waiting, long until) {
        Semaphore permit = permits.of(target.provider());
        // A request that has just come does not overtake those that wait.
        if (!permit.hasQueuedThreads() && permit.tryAcquire()) {
            return permit;
        }
        long from = System.nanoTime();
        try {
            while (!waiting.isCancelled() && clock.millis() < until) {
                long most = until - clock.millis();
                long wait = Math.min(CHECK_CALLER_MILLIS, most);
                if (permits.await(target.provider(), waiting.learner(), wait, most)) {
                    return permit;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            waiting.waitedSince(from);
        }
        throw new CallFailed(new Failure(
                FailureClass.CIRCUIT_OPEN,
                0,
                null,
                null,
                "BUSY",
                null,
                null,
                "every connection to the provider is taken"));
    }

    /** The failure as one of the target: as long as another key is only rate limited, so is the target. */
    public Failure forTarget(Target target, Failure failure) {
        return keyPool.forTarget(target, failure, clock.millis());
    }
}
