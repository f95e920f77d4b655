package io.bactrian.health;

import io.bactrian.config.Provider;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The permits for calls to each provider ({@code max-connections}), handed out in the order of requests for them.
 * Thread-safe.
 */
public final class ConnectionPermits {
    private final Map<String, Places> free = new ConcurrentHashMap<>();

    /** The permits of a provider; each call takes one and returns it at its end. */
    public Semaphore of(Provider provider) {
        Places known = free.get(provider.identity());
        return known != null
                ? known
                : free.computeIfAbsent(provider.identity(), n -> new Places(provider.maxConnections()));
    }

    /**
     * Applies a new configuration: known providers get its number of permits.
     *
     * @param leaving the providers of the previous configuration, whose calls may go on
     */
    public void fit(Collection<Provider> providers, Collection<Provider> leaving) {
        Set<String> present = Stream.concat(providers.stream(), leaving.stream())
                .map(Provider::identity)
                .collect(Collectors.toSet());
        free.keySet().retainAll(present);
        for (Provider provider : providers) {
            Places known = free.get(provider.identity());
            if (known != null) {
                known.fit(provider.maxConnections());
            }
        }
    }

    private static final class Places extends Semaphore {
        private static final long serialVersionUID = 1L;

        private int size;

        Places(int size) {
            super(size, true);
            this.size = size;
        }

        /** With fewer permits than calls in flight, further calls wait until enough of those have ended. */
        synchronized void fit(int wanted) {
            if (wanted > size) {
                release(wanted - size);
            } else if (wanted < size) {
                reducePermits(size - wanted);
            }
            size = wanted;
        }
    }
}
