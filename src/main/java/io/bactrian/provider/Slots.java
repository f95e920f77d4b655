package io.bactrian.provider;

import io.bactrian.config.Provider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/** How many calls at once a provider takes ({@code max-connections}); first come, first served. Thread-safe. */
public final class Slots {
    private final Map<String, Semaphore> free = new ConcurrentHashMap<>();

    /** The slots of a provider; one is taken for each call and given back when it ends. */
    public Semaphore of(Provider provider) {
        Semaphore known = free.get(provider.name());
        return known != null
                ? known
                : free.computeIfAbsent(provider.name(), n -> new Semaphore(provider.maxConnections(), true));
    }
}
