package io.bactrian.health;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Cooldowns.Cooldown;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The health of providers, as one word for each: whether any of its targets can be used. Thread-safe. */
public record ProviderHealth(HealthBook book, KeyPool keyPool) {

    /**
     * Whether each provider that is on can be used: at least one of its targets is not down, and one of its keys is neither
     * refused nor out of quota. A provider without targets has nothing that is down.
     */
    public Map<String, Boolean> of(Collection<Provider> providers, Collection<Target> targets, long now) {
        Map<String, Boolean> all = new LinkedHashMap<>();
        for (Provider provider : providers) {
            if (provider.on()) {
                all.put(
                        provider.name(),
                        targets.stream().noneMatch(target -> isOf(provider, target))
                                || targets.stream()
                                        .anyMatch(target -> isOf(provider, target) && isUsable(target, now)));
            }
        }
        return all;
    }

    private static boolean isOf(Provider provider, Target target) {
        return target.provider().name().equals(provider.name());
    }

    private boolean isUsable(Target target, long now) {
        Cooldown resting = keyPool.resting(target, now);
        return book.of(target).state() != HealthState.DOWN
                && (resting == null || !resting.type().isLasting());
    }
}
