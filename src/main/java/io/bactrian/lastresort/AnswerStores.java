package io.bactrian.lastresort;

import io.bactrian.config.Config;
import io.bactrian.config.StaleSettings;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The answer stores of the configurations in use: equal settings share one store, across reloads too. Thread-safe. */
public final class AnswerStores implements AutoCloseable {
    private static final AnswerStore NONE = new AnswerStore() {
        @Override
        public @Nullable StoredAnswer find(String key) {
            return null;
        }

        @Override
        public boolean keep(String key, StoredAnswer answer) {
            return true;
        }
    };

    private final Clock clock;
    private final BackgroundWriter background;
    /** One for each of the settings in use; the configuration read last need not be the one that serves in the end. */
    private final Map<StaleSettings, AnswerStore> shelves = new HashMap<>();

    private boolean open;

    /** @param dropped counts the answers that could not be stored */
    public AnswerStores(Clock clock, Runnable dropped) {
        this.clock = clock;
        this.background = new BackgroundWriter(dropped);
    }

    /** The last resorts of a configuration. */
    public synchronized LastResorts of(Config config) {
        AnswerStore store = LastResorts.remembers(config) ? shelves.computeIfAbsent(config.stale(), this::shelf) : NONE;
        if (open) {
            ready(store);
        }
        return new LastResorts(store, background, clock);
    }

    /** Closes the stores that none of these configurations uses, after the answers queued for them. */
    public synchronized void only(Collection<Config> inUse) {
        Set<StaleSettings> wanted = inUse.stream()
                .filter(LastResorts::remembers)
                .map(Config::stale)
                .collect(Collectors.toUnmodifiableSet());
        shelves.entrySet().removeIf(shelf -> {
            boolean idle = !wanted.contains(shelf.getKey());
            if (idle) {
                background.leaveBehind(shelf.getValue()::close);
            }
            return idle;
        });
    }

    private AnswerStore shelf(StaleSettings wanted) {
        return wanted.store().isEmpty() ? new InMemoryAnswerStore(wanted, clock) : new JdbcAnswerStore(wanted, clock);
    }

    /** Opens the stores in the background, before requests arrive. */
    public synchronized void open() {
        open = true;
        shelves.values().forEach(this::ready);
    }

    private void ready(AnswerStore store) {
        background.leave(0, () -> {
            store.open();
            return true;
        });
    }

    @Override
    public synchronized void close() {
        background.close();
        shelves.values().forEach(AnswerStore::close);
    }
}
