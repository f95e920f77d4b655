package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Limits;
import io.bactrian.config.LimitsResolver;
import io.bactrian.config.Target;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers, one for each pair of provider and model. A number of counted failures in a row opens a breaker; after a
 * time it permits one trial call, and each failed trial doubles that time, up to eight times. Thread-safe.
 */
public final class Breakers {
    /** The interval at which to check whether a trial call has ended, in milliseconds. */
    private static final long TRIAL_POLL_MILLIS = 100;

    private final Clock clock;
    private final Runnable changed;
    private final Cache<String, Guard> guards;

    public Breakers(Clock clock) {
        this(clock, () -> {}, List.of());
    }

    /**
     * The breakers of a configuration.
     *
     * @param changed called after each change of a state, by the thread of a request; it must return at once
     * @param configured its targets, whose breakers are never forgotten: their routes have them
     */
    public Breakers(Clock clock, Runnable changed, Collection<Target> configured) {
        this.clock = clock;
        this.changed = changed;
        TargetStores stores = new TargetStores();
        stores.follow(configured);
        this.guards = stores.store();
    }

    /**
     * The breakers for a new configuration: the same ones, except for those whose limits change, which start closed.
     *
     * @param configured the targets of the new configuration
     */
    public Breakers inherit(LimitsResolver limits, Collection<Target> configured) {
        Breakers inherited = new Breakers(clock, changed, configured);
        guards.asMap().forEach((key, guard) -> {
            if (guard.isUnder(limits.resolve(null, guard.target))) {
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
            case HALF_OPEN -> guard.mayTry(now) ? null : (Long) (now + TRIAL_POLL_MILLIS);
            default -> null;
        };
    }

    /** The state of the target's breaker: {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}. */
    public String state(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        return guard == null ? "CLOSED" : guard.breaker.getState().name();
    }

    /** True if the target's breaker is open because calls of this gateway have failed, or because an operator has opened it here. */
    public boolean isOpenByItself(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        return guard != null && guard.breaker.getState() != CircuitBreaker.State.CLOSED && guard.heldBy == null;
    }

    /** The other node for whose sake the target's breaker is not closed; null if there is none. */
    public @Nullable String heldBy(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        return guard == null ? null : guard.heldBy;
    }

    /** True if an operator has opened the target's breaker, here or at another node. */
    public boolean isOpenByHand(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        return guard != null && guard.isOpenByHand();
    }

    /**
     * Keeps the target's breaker open because it is open at another node: a closed one opens, one that is open already stays so
     * for longer. A half-open one is left to its trial.
     *
     * @param node the name of the other node
     * @param until epoch milliseconds; eight times the configured time from now at most
     * @param byHand whether an operator has opened it there
     */
    public void hold(Target target, Limits limits, String node, long until, boolean byHand) {
        guard(target, limits).hold(node, until, byHand);
    }

    /**
     * Ends what {@link #hold} began, because another node has reached the target. A breaker that has opened by itself lets a trial
     * call through.
     */
    public void release(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard != null) {
            guard.release();
        }
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

    /** Notes that a call to the target has succeeded, so that the counted failures were not in a row. */
    public void succeeded(Target target) {
        Guard guard = guards.getIfPresent(target.key());
        if (guard != null) {
            guard.succeeded();
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
        return guards.get(target.key(), name -> new Guard(target, limits, clock, changed));
    }
}
