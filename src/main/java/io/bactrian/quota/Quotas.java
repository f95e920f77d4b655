package io.bactrian.quota;

import io.bactrian.database.DatabaseWarnings;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quotas of a process. They outlive a configuration: a quota that does not change keeps its fill, a changed one begins full, and
 * a store is used on as long as a configuration names it. Thread-safe.
 */
public final class Quotas implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.limits");
    /** The longest time that the start of the gateway waits for a store. */
    private static final Duration TO_OPEN = Duration.ofSeconds(1);

    private final Clock clock;
    private final Count count;
    /** One for each quota that has been configured since the start. */
    private final Map<Key, MinuteQuota> own = new ConcurrentHashMap<>();

    private final Map<String, Shared> stores = new HashMap<>();
    private boolean open;

    /** @param count is told of each question to a store */
    public Quotas(Clock clock, Count count) {
        this.clock = clock;
        this.count = count;
    }

    /** A count of questions to a store. */
    @FunctionalInterface
    public interface Count {
        /** @param shared false if the store did not answer, and this node went on by itself */
        void of(boolean shared);
    }

    private record Key(String kind, int perMinute, String name) {
        @Override
        public String toString() {
            return kind + "/" + perMinute + "/" + name;
        }
    }

    /** @param quotas kept from one configuration to the next, because they know what the store has yet to be told */
    private record Shared(StoreGuard guard, SharedBuckets buckets, Map<Key, SharedQuota> quotas) {}

    /**
     * A quota.
     *
     * @param store the URL of the store in which nodes share it; empty if it is this process' own
     * @param name of whom it is the quota
     * @param kind of what
     */
    public Quota of(String store, String name, String kind, int perMinute) {
        Key key = new Key(kind, perMinute, name);
        MinuteQuota ofThisNode = own.computeIfAbsent(key, k -> new MinuteQuota(perMinute, clock));
        if (store.isEmpty()) {
            return ofThisNode;
        }
        Shared shared = shared(store);
        return shared.quotas()
                .computeIfAbsent(
                        key,
                        k -> new SharedQuota(ofThisNode, shared.buckets().of(k.toString(), perMinute), shared.guard()));
    }

    private synchronized Shared shared(String url) {
        Shared known = stores.get(url);
        if (known != null) {
            return known;
        }
        Shared made = make(url);
        stores.put(url, made);
        if (open) {
            // Once for all its quotas: a reload with many of them waits no longer.
            made.guard().open(TO_OPEN);
        }
        return made;
    }

    private Shared make(String url) {
        DatabaseWarnings warnings = new DatabaseWarnings(
                LOG, url, "callers' limits", "each node applies the limits by itself until it is back", clock);
        QuotaStore store = url.startsWith("redis") ? new RedisQuotaStore(url) : new PostgresQuotaStore(url);
        return new Shared(
                new StoreGuard(store, warnings, clock, count), new SharedBuckets(store), new ConcurrentHashMap<>());
    }

    /** Connects to the stores, before requests arrive. */
    public synchronized void open() {
        open = true;
        stores.values().forEach(shared -> shared.guard().open(TO_OPEN));
    }

    /** Closes the stores that are not among these. */
    public synchronized void only(Collection<String> inUse) {
        stores.entrySet().removeIf(store -> {
            boolean idle = !inUse.contains(store.getKey());
            if (idle) {
                store.getValue().guard().close();
            }
            return idle;
        });
    }

    @Override
    public synchronized void close() {
        stores.values().forEach(shared -> shared.guard().close());
        stores.clear();
    }
}
