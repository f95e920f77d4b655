package io.bactrian.health;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A breaker with the time until which it is open, which the library does not expose, its own count of failures, and what another
 * node has to do with it. Thread-safe.
 */
final class Guard {
    private static final int MAX_OPEN_FACTOR = 8;
    /** The library's limit for slow calls, beyond any call: a long answer is no failure. */
    private static final Duration NO_CALL_IS_SLOW = Duration.ofDays(365);

    final CircuitBreaker breaker;
    final Target target;
    volatile long openUntil;
    /** True if a half-open breaker permits another trial, because the last one ended in a failure that does not count. */
    private volatile boolean trialFree;
    /** The end of the time that a trial may take, epoch milliseconds. */
    private volatile long trialUntil;
    /** The other node for whose sake it is open or half-open; null if it has opened by itself. */
    volatile @Nullable String heldBy;

    private final Limits limits;
    private final Clock clock;
    private final Runnable changed;
    /** True while it is open because an operator wants it to be. */
    private volatile boolean byHand;
    /** The openings by itself since it was closed. */
    private int opened;
    /** True while an opening for another node's sake is made. */
    private volatile boolean holding;
    /** Counted failures in a row while closed; changed under the lock of this object. */
    private volatile int failures;
    /** The callers whose requests these failures were, or those of trials. */
    private final Witnesses witnesses = new Witnesses();

    /** @param changed called after each change of the state */
    Guard(Target target, Limits limits, Clock clock, Runnable changed) {
        this.target = target;
        this.limits = limits;
        this.clock = clock;
        this.changed = changed;
        breaker = CircuitBreaker.of(target.key(), config());
        breaker.getEventPublisher().onStateTransition(event -> {
            switch (event.getStateTransition().getToState()) {
                case OPEN -> opened();
                // The call that makes it half-open is the trial.
                case HALF_OPEN -> {
                    trialBegan();
                    witnesses.forget();
                }
                case CLOSED -> {
                    opened = 0;
                    heldBy = null;
                }
                default -> {}
            }
            byHand = false;
            changed.run();
        });
        breaker.getEventPublisher().onError(event -> failed(event.getThrowable()));
        breaker.getEventPublisher().onIgnoredError(event -> trialFree = true);
        breaker.getEventPublisher().onCallNotPermitted(event -> {
            if (trialFree) {
                trialBegan();
            }
        });
    }

    private void trialBegan() {
        trialFree = false;
        trialUntil = clock.millis() + longestTrial();
    }

    /** Twice the time that a target has for its first content: a trial may have to wait for a connection before. */
    private long longestTrial() {
        Duration answer = limits.responseTimeout();
        Duration token = limits.firstTokenTimeoutThinking();
        Duration longer = answer.compareTo(token) > 0 ? answer : token;
        return Math.min(longer.toMillis() * 2, limits.deadline().toMillis());
    }

    /**
     * Whether a half-open breaker permits a trial now: if none is made, or if the last one has had more time than any may take, so
     * that it must have been lost.
     */
    boolean mayTry(long now) {
        if (!trialFree && now >= trialUntil) {
            giveUpTrial(now);
        }
        return trialFree;
    }

    private synchronized void giveUpTrial(long now) {
        if (!trialFree && now >= trialUntil && breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            breaker.releasePermission();
            trialFree = true;
        }
    }

    private void opened() {
        if (!holding) {
            opened++;
            // The library permits a call after that time, not at it.
            openUntil = clock.millis() + openFor(opened) + 1;
            heldBy = null;
        }
    }

    private synchronized void failed(Throwable thrown) {
        if (breaker.getState() == CircuitBreaker.State.CLOSED) {
            if (failures == 0) {
                witnesses.forget();
            }
            failures++;
            boolean ofAll = witnesses.add(thrown instanceof CallFailed failed ? failed.learner() : "");
            if (failures >= limits.breakerFailures() && ofAll) {
                failures = 0;
                breaker.transitionToOpenState();
            }
        }
    }

    /** A trial that one caller may have failed with a request of its own is left to the next call. */
    private boolean isDoubtfulTrial(CallFailed failed) {
        return breaker.getState() == CircuitBreaker.State.HALF_OPEN
                && !failed.learner().isEmpty()
                && !witnesses.add(failed.learner());
    }

    /** Forgets the counted failures. The breaker itself is told of a success only after the caller has the answer. */
    void succeeded() {
        if (failures > 0) {
            synchronized (this) {
                failures = 0;
            }
        }
    }

    boolean isOpenByHand() {
        return byHand;
    }

    synchronized void open() {
        // Closed first, so that it opens for the configured time and not for a doubled one.
        close();
        breaker.transitionToOpenState();
        byHand = true;
        changed.run();
    }

    /** Opens it for another node's sake, or has it open for longer. */
    synchronized void hold(String node, long until, boolean hand) {
        long now = clock.millis();
        long end = Math.min(until, now + openFor(Integer.MAX_VALUE));
        CircuitBreaker.State state = breaker.getState();
        boolean closed = state == CircuitBreaker.State.CLOSED;
        boolean held = state == CircuitBreaker.State.OPEN && heldBy != null;
        boolean longer = state == CircuitBreaker.State.OPEN && !byHand && end > openUntil;
        if (end <= now || !(closed || held || longer)) {
            return;
        }
        boolean stays = byHand;
        if (closed || held) {
            failures = 0;
            heldBy = node;
            stays = hand;
        }
        openUntil = end + 1;
        holding = true;
        try {
            breaker.transitionToOpenStateFor(Duration.ofMillis(end - now));
        } finally {
            holding = false;
        }
        byHand = stays;
        changed.run();
    }

    /** Closes it if it is open for another node's sake; if it has opened by itself, lets a trial call through. */
    synchronized void release() {
        if (heldBy != null) {
            close();
        } else {
            halfOpen();
        }
    }

    /** Ends the open time early; the trial is left to the next call. */
    synchronized void halfOpen() {
        if (breaker.getState() == CircuitBreaker.State.OPEN && !byHand) {
            breaker.transitionToHalfOpenState();
            trialFree = true;
        }
    }

    synchronized void close() {
        failures = 0;
        breaker.transitionToClosedState();
    }

    boolean isUnder(Limits others) {
        return limits.breakerFailures() == others.breakerFailures()
                && limits.breakerOpenFor().equals(others.breakerOpenFor());
    }

    /**
     * The library's configuration. The library allocates a window for each breaker: it gets the smallest one, which never opens a
     * closed breaker, because this class counts instead. The window of a half-open breaker is its one trial.
     */
    private CircuitBreakerConfig config() {
        return CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.TIME_BASED)
                .slidingWindowSize(1)
                .minimumNumberOfCalls(Integer.MAX_VALUE)
                .failureRateThreshold(100)
                .slowCallDurationThreshold(NO_CALL_IS_SLOW)
                .permittedNumberOfCallsInHalfOpenState(1)
                // The library's own count has the openings for other nodes' sake in it.
                .waitIntervalFunctionInOpenState(times -> openFor(opened + 1))
                .recordException(t -> t instanceof CallFailed failed && failed.counts())
                .ignoreException(t -> !(t instanceof CallFailed failed && failed.counts()) || isDoubtfulTrial(failed))
                .clock(clock)
                .currentTimestampFunction(c -> c.millis(), TimeUnit.MILLISECONDS)
                .writableStackTraceEnabled(false)
                .build();
    }

    private long openFor(int times) {
        Duration once = limits.breakerOpenFor();
        return once.toMillis() * Math.min(1L << Math.min(Math.max(times, 1) - 1, 10), MAX_OPEN_FACTOR);
    }
}
