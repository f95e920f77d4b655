package io.bactrian.cluster;

import io.bactrian.cluster.SharedTarget.Breaker;
import io.bactrian.config.Config;
import io.bactrian.config.Limits;
import io.bactrian.config.Provider;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.KeyPool;
import io.bactrian.policy.FailureClass;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The targets of one configuration as nodes tell of them, and the breakers and cooldowns behind them. What concerns a rejected key
 * is not told: another node may have another key. Thread-safe.
 */
public final class ServedTargets {
    private static final int DIGEST_BYTES = 4;

    private final Map<String, Served> byName = new LinkedHashMap<>();
    private final Breakers breakers;
    private final Cooldowns cooldowns;
    private final KeyPool keyPool;

    private record Served(Target target, Limits limits, String endpoint) {}

    public ServedTargets(Config config, Breakers breakers, Cooldowns cooldowns, KeyPool keyPool) {
        this.breakers = breakers;
        this.cooldowns = cooldowns;
        this.keyPool = keyPool;
        for (Target target : config.everyTarget().values()) {
            Limits limits = config.limits().resolve(null, target);
            String endpoint = endpoint(target.provider());
            for (Service service : Service.values()) {
                Target asked = target.at(service);
                byName.putIfAbsent(name(asked), new Served(asked, limits, endpoint));
            }
        }
    }

    private static String name(Target target) {
        String chat = target.provider().name() + "/" + target.model();
        return target.service() == Service.CHAT
                ? chat
                : chat + "?" + target.service().label();
    }

    private static String endpoint(Provider provider) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((provider.api() + " " + provider.baseUrl()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The targets that are not well, by their shared names. */
    Map<String, SharedTarget> unwell(long now) {
        Map<String, SharedTarget> unwell = new LinkedHashMap<>();
        byName.forEach((name, served) -> {
            SharedTarget shared = shared(name, served, now);
            if (!shared.isPlain()) {
                unwell.put(name, shared);
            }
        });
        return unwell;
    }

    private SharedTarget shared(String name, Served served, long now) {
        Target target = served.target();
        Breaker breaker = Breaker.valueOf(breakers.state(target));
        Long until = breaker == Breaker.OPEN ? breakers.openUntil(target, now) : null;
        Cooldowns.Cooldown cooling = cooling(target, now);
        return new SharedTarget(
                name,
                served.endpoint(),
                breaker,
                until == null ? 0 : until,
                breaker == Breaker.CLOSED ? null : breakers.heldBy(target),
                breaker != Breaker.CLOSED && breakers.isOpenByHand(target),
                cooling == null ? null : cooling.type(),
                cooling == null ? 0 : cooling.until());
    }

    /** The cooldown that was noted here; null if there is none that concerns other nodes. */
    private Cooldowns.@Nullable Cooldown cooling(Target target, long now) {
        Cooldowns.Cooldown own = cooldowns.of(target, now);
        Cooldowns.Cooldown found = own == null ? keyPool.resting(target, now) : own;
        return found == null || found.by() != null || found.type() == FailureClass.AUTHENTICATION ? null : found;
    }

    /** True if the target's breaker opened by itself. */
    boolean isOpenByItself(String name) {
        Served served = byName.get(name);
        return served != null && breakers.isOpenByItself(served.target());
    }

    /** Applies what follows from the report of another node; nothing if there is no such target here. */
    void apply(Effect effect, long now) {
        Served served = byName.get(effect.target());
        if (served == null || !served.endpoint().equals(effect.endpoint())) {
            return;
        }
        Target target = served.target();
        switch (effect) {
            case Effect.Hold hold -> breakers.hold(target, served.limits(), hold.node(), hold.until(), hold.byHand());
            case Effect.Release ended -> breakers.release(target);
            case Effect.Cool cool -> cooldowns.hold(target, cool.type(), cool.node(), now, cool.until());
            case Effect.Warm warm -> cooldowns.release(target, warm.node());
        }
    }
}
