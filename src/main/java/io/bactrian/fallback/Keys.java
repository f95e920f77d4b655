package io.bactrian.fallback;

import io.bactrian.config.Provider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The keys of each provider, used in turn; those that rest are passed over. Thread-safe. */
public final class Keys {
    private final Cooldowns cooldowns;
    private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();

    public Keys(Cooldowns cooldowns) {
        this.cooldowns = cooldowns;
    }

    /**
     * One key of a provider.
     *
     * @param number its place in the configuration, from 0
     * @param secret empty for a keyless provider
     */
    public record Key(int number, String secret) {
        @Override
        public String toString() {
            return "Key[" + number + "]";
        }
    }

    /** The key whose turn it is; null if every one rests. */
    public @Nullable Key take(Provider provider, long now) {
        int count = Math.max(1, provider.keys().size());
        int start = count == 1
                ? 0
                : turns.computeIfAbsent(provider.name(), n -> new AtomicInteger())
                        .getAndIncrement();
        for (int i = 0; i < count; i++) {
            int number = Math.floorMod(start + i, count);
            if (cooldowns.ofKey(provider, number, now) == null) {
                return new Key(
                        number, provider.keys().isEmpty() ? "" : provider.keys().get(number));
            }
        }
        return null;
    }

    /** Whether a key is well. */
    public boolean any(Provider provider, long now) {
        return resting(provider, now) == null;
    }

    /** What the provider's keys rest from if all of them do, the earliest to return; null if one is well. */
    public Cooldowns.@Nullable Cooling resting(Provider provider, long now) {
        Cooldowns.Cooling earliest = null;
        for (int i = 0; i < Math.max(1, provider.keys().size()); i++) {
            Cooldowns.Cooling cooling = cooldowns.ofKey(provider, i, now);
            if (cooling == null) {
                return null;
            }
            if (earliest == null || cooling.until() < earliest.until()) {
                earliest = cooling;
            }
        }
        return earliest;
    }
}
