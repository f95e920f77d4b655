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

/** Keeps the shelf of answers while configurations come and go: the same settings get the same one. Thread-safe. */
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
    /** One for each of the settings in use: what was read last may not be what serves in the end. */
    private final Map<StaleSettings, AnswerStore> shelves = new HashMap<>();

    private boolean open;

    /** @param dropped counts the answers that could not be kept */
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

    /** Gives back what none of these configurations remembers with, once what was to be kept there has been. */
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

    /** Makes the shelves ready, in the background; requests are about to come. */
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
