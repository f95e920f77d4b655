package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Limits;
import io.bactrian.config.LimitsResolver;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers, one for each pair of provider and model. A number of counted failures in a row opens a breaker; after a
 * time it permits one trial call, and each failed trial doubles that time, up to eight times. Thread-safe.
 */
public final class Breakers {
    private static final int MAX_OPEN_FACTOR = 8;
    /** The library's limit for slow calls, beyond any call: a long answer is no failure. */
    private static final Duration NO_CALL_IS_SLOW = Duration.ofDays(365);
    /** The interval at which to check whether a trial call has ended, in milliseconds. */
    private static final long TRIAL_POLL_MILLIS = 100;

    /** Bounded, because callers may name models of their own; rarely used ones are forgotten. */
    private static final int MAX_BREAKERS = 10_000;

    private final Clock clock;
    private final Cache<String, Guard> guards;

    public Breakers(Clock clock) {
        this.clock = clock;
        this.guards = Caffeine.newBuilder().maximumSize(MAX_BREAKERS).build();
    }

    /** A breaker with the time until which it is open, which the library does not expose, and its own count of failures. */
    private static final class Guard {
        final CircuitBreaker breaker;
        final Target target;
        final Limits limits;
        volatile long openUntil;
        /** True if a half-open breaker permits another trial, because the last one ended in a failure that does not count. */
        volatile boolean trialFree;
        /** True while it is open because an operator wants it to be. */
        private volatile boolean byHand;

        private int opened;
        /** Counted failures in a row while closed; changed under the lock of this object. */
        private volatile int failures;

        Guard(Target target, Limits limits, Clock clock) {
            this.target = target;
            this.limits = limits;
            breaker = CircuitBreaker.of(target.key(), config(limits, clock));
            breaker.getEventPublisher().onStateTransition(event -> {
                switch (event.getStateTransition().getToState()) {
                    case OPEN -> {
                        opened++;
                        // The library permits a call after that time, not at it.
                        openUntil = clock.millis() + openFor(limits, opened) + 1;
                    }
                    // The call that makes it half-open is the trial.
                    case HALF_OPEN -> trialFree = false;
                    case CLOSED -> opened = 0;
                    default -> {}
                }
                byHand = false;
            });
            breaker.getEventPublisher().onError(event -> failed());
            breaker.getEventPublisher().onSuccess(event -> succeeded());
            breaker.getEventPublisher().onIgnoredError(event -> trialFree = true);
            breaker.getEventPublisher().onCallNotPermitted(event -> trialFree = false);
        }

        private synchronized void failed() {
            if (breaker.getState() == CircuitBreaker.State.CLOSED) {
                failures++;
                if (failures >= limits.breakerFailures()) {
                    failures = 0;
                    breaker.transitionToOpenState();
                }
            }
        }

        private void succeeded() {
            if (failures > 0) {
                synchronized (this) {
                    failures = 0;
                }
            }
        }

        synchronized void open() {
            // Closed first, so that it opens for the configured time and not for a doubled one.
            close();
            breaker.transitionToOpenState();
            byHand = true;
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
    }

    /** The breakers for a new configuration: the same ones, except for those whose limits change, which start closed. */
    public Breakers inherit(LimitsResolver changed) {
        Breakers inherited = new Breakers(clock);
        guards.asMap().forEach((key, guard) -> {
            if (guard.isUnder(changed.resolve(null, guard.target))) {
                inherited.guards.put(key, guard);
            }
        });
        return inherited;
    }

    /** The breaker of a target. */
    public CircuitBreaker of(Target target, Limits limits) {
        return guard(target, limits).breaker;
    }

    /** The time until which the target's breaker permits no call, epoch milliseconds; null if a call may be tried. */
    public @Nullable Long openUntil(Target target, long now) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard == null) {
            return null;
        }
        return switch (guard.breaker.getState()) {
            case OPEN -> guard.openUntil <= now ? null : (Long) guard.openUntil;
            case HALF_OPEN -> guard.trialFree ? null : (Long) (now + TRIAL_POLL_MILLIS);
            default -> null;
        };
    }

    /** The state of the target's breaker: {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}. */
    public String state(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        return guard == null ? "CLOSED" : guard.breaker.getState().name();
    }

    /** Opens the target's breaker as if enough calls had failed. */
    public void open(Target target, Limits limits) {
        guard(target, limits).open();
    }

    /** Closes the target's breaker, and forgets the counted failures. */
    public void close(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard != null) {
            guard.close();
        }
    }

    /**
     * Lets a trial call through at once if the target's breaker is open, because a probe has passed. One that an operator has
     * opened stays as it is.
     */
    public void halfOpen(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard != null) {
            guard.halfOpen();
        }
    }

    /** Ends a half-open trial as a success when its first content comes, so that other requests need not wait for its end. */
    public void firstContent(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard != null && guard.breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
            guard.breaker.onSuccess(0, TimeUnit.MILLISECONDS);
        }
    }

    private Guard guard(Target target, Limits limits) {
        return guards.get(target.key(), name -> new Guard(target, limits, clock));
    }

    /**
     * The library's configuration of a breaker. The library allocates a window for each breaker: it gets the smallest one,
     * which never opens a closed breaker, because {@link Guard} counts instead. The window of a half-open breaker is its one
     * trial.
     */
    private static CircuitBreakerConfig config(Limits limits, Clock clock) {
        return CircuitBreakerConfig.custom()
                .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.TIME_BASED)
                .slidingWindowSize(1)
                .minimumNumberOfCalls(Integer.MAX_VALUE)
                .failureRateThreshold(100)
                .slowCallDurationThreshold(NO_CALL_IS_SLOW)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitIntervalFunctionInOpenState(times -> openFor(limits, times))
                .recordException(t -> t instanceof CallFailed failed && failed.counts())
                .ignoreException(t -> !(t instanceof CallFailed failed && failed.counts()))
                .clock(clock)
                .currentTimestampFunction(c -> c.millis(), TimeUnit.MILLISECONDS)
                .writableStackTraceEnabled(false)
                .build();
    }

    private static long openFor(Limits limits, int times) {
        Duration once = limits.breakerOpenFor();
        return once.toMillis() * Math.min(1L << Math.min(Math.max(times, 1) - 1, 10), MAX_OPEN_FACTOR);
    }
}
