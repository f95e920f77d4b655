package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Provider;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The stores of what is known of targets and of keys. They are bounded, because callers may name models of their own, but only what
 * callers name is forgotten: what the configuration names stays. Thread-safe.
 */
public final class TargetStores {
    /** What is kept, in each store, of targets that only callers name. */
    private static final int MAX_OTHERS = 10_000;

    private final List<Cache<String, ?>> stores = new CopyOnWriteArrayList<>();
    private volatile Set<String> configured = Set.of();

    /** A store by {@link Target#key}, or by the name of a key. */
    public <T> Cache<String, T> store() {
        return store(null);
    }

    /** The same, whose entries are forgotten some time after they were written. */
    public <T> Cache<String, T> store(@Nullable Duration forgottenAfter) {
        Caffeine<String, T> builder = Caffeine.newBuilder()
                .maximumWeight(MAX_OTHERS)
                // What weighs nothing is never pushed out.
                .weigher((key, value) -> configured.contains(key) ? 0 : 1);
        Cache<String, T> made = (forgottenAfter == null ? builder : builder.expireAfterWrite(forgottenAfter)).build();
        stores.add(made);
        return made;
    }

    /** Takes over the targets of a configuration, which stay in the stores from now on. */
    public void follow(Collection<Target> targets) {
        Set<String> names = new HashSet<>();
        for (Target target : targets) {
            Provider provider = target.provider();
            int keys = Math.max(1, provider.keys().size());
            for (Service service : Service.values()) {
                Target served = target.at(service);
                names.add(served.key());
                for (int key = 0; key < keys; key++) {
                    names.add(Cooldowns.name(served, key));
                }
            }
            for (int key = 0; key < keys; key++) {
                names.add(Cooldowns.keyName(provider, key));
            }
        }
        configured = Set.copyOf(names);
        stores.forEach(TargetStores::weighAgain);
    }

    private static <T> void weighAgain(Cache<String, T> store) {
        store.asMap().keySet().forEach(key -> store.asMap().computeIfPresent(key, (k, value) -> value));
    }
}
