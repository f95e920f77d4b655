package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.policy.Availability;
import io.bactrian.policy.FailureClass;
import org.jspecify.annotations.Nullable;

/**
 * The availability of targets: a target is unavailable while its breaker is open, while it is cooling, and while all
 * keys for it rest. One that the health monitor has found down is called only if no other is left. Thread-safe.
 */
public final class TargetHealth implements Availability {
    private final Breakers breakers;
    private final Cooldowns cooldowns;
    private final KeyPool keyPool;
    private final @Nullable HealthBook book;

    /** Without a health monitor, so that no target is down. */
    public TargetHealth(Breakers breakers, Cooldowns cooldowns, KeyPool keyPool) {
        this(breakers, cooldowns, keyPool, null);
    }

    public TargetHealth(Breakers breakers, Cooldowns cooldowns, KeyPool keyPool, @Nullable HealthBook book) {
        this.book = book;
        this.breakers = breakers;
        this.cooldowns = cooldowns;
        this.keyPool = keyPool;
    }

    @Override
    public boolean isWell(Target target, long now) {
        return breakers.state(target).equals("CLOSED") && of(target, now) == null && !isDown(target);
    }

    @Override
    public boolean isDown(Target target) {
        return book != null && book.isDown(target);
    }

    @Override
    public @Nullable Unavailable of(Target target, long now) {
        Long openUntil = breakers.openUntil(target, now);
        if (openUntil != null) {
            return new Unavailable(
                    "CIRCUIT_OPEN", FailureClass.CIRCUIT_OPEN, openUntil, openUntil, breakers.heldBy(target));
        }
        Cooldowns.Cooldown own = cooldowns.of(target, now);
        Cooldowns.Cooldown cooling = own == null ? keyPool.resting(target, now) : own;
        if (cooling == null) {
            return null;
        }
        long trialAt = Math.max(own == null ? 0 : own.trialAt(), keyPool.trialAt(target, now));
        return new Unavailable("COOLING", cooling.type(), cooling.until(), trialAt, cooling.by());
    }
}
