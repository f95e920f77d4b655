package io.bactrian.health;

import io.bactrian.config.Provider;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The permits for calls to each provider ({@code max-connections}). While there are none, the callers that wait for one get
 * them in turn, so that one with many requests does not keep the others waiting; each caller's requests get them in the order
 * in which they came. Thread-safe.
 */
public final class ConnectionPermits {
    private final Map<String, Places> free = new ConcurrentHashMap<>();

    /** The permits of a provider; each call takes one and returns it at its end. */
    public Semaphore of(Provider provider) {
        return places(provider);
    }

    /**
     * Waits for a permit of a provider.
     *
     * @param caller the name of the caller's key; empty where callers have none
     * @param millis the longest wait for the caller's turn, and then for the permit
     * @param most the longest wait for both
     * @return false if there was none in time
     */
    boolean await(Provider provider, String caller, long millis, long most) throws InterruptedException {
        return places(provider).await(caller, millis, most);
    }

    private Places places(Provider provider) {
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

        /** One of each caller's requests waits for a permit; its others wait here. By the names of keys, so that it is bounded. */
        private final transient Map<String, Semaphore> turns = new ConcurrentHashMap<>();

        Places(int size) {
            super(size, true);
            this.size = size;
        }

        boolean await(String caller, long millis, long most) throws InterruptedException {
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(most);
            Semaphore turn = turns.computeIfAbsent(caller, c -> new Semaphore(1, true));
            if (!turn.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
                return false;
            }
            try {
                // All of that time: where many wait for the turn, nothing would be left of it, and their caller got no
                // permits.
                long wait = Math.min(TimeUnit.MILLISECONDS.toNanos(millis), until - System.nanoTime());
                return tryAcquire(wait, TimeUnit.NANOSECONDS);
            } finally {
                turn.release();
            }
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
