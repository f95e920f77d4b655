package io.bactrian.resort;

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
public final class Shelves implements AutoCloseable {
    private static final Shelf NONE = new Shelf() {
        @Override
        public @Nullable Kept find(String key) {
            return null;
        }

        @Override
        public boolean keep(String key, Kept answer) {
            return true;
        }
    };

    private final Clock clock;
    private final Backroom backroom;
    /** One for each of the settings in use: what was read last may not be what serves in the end. */
    private final Map<StaleSettings, Shelf> shelves = new HashMap<>();

    private boolean open;

    /** @param dropped counts the answers that could not be kept */
    public Shelves(Clock clock, Runnable dropped) {
        this.clock = clock;
        this.backroom = new Backroom(dropped);
    }

    /** The last resorts of a configuration. */
    public synchronized LastResorts of(Config config) {
        Shelf shelf = LastResorts.remembers(config) ? shelves.computeIfAbsent(config.stale(), this::shelf) : NONE;
        if (open) {
            ready(shelf);
        }
        return new LastResorts(shelf, backroom, clock);
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
                backroom.leaveBehind(shelf.getValue()::close);
            }
            return idle;
        });
    }

    private Shelf shelf(StaleSettings wanted) {
        return wanted.store().isEmpty() ? new MemoryShelf(wanted, clock) : new DatabaseShelf(wanted, clock);
    }

    /** Makes the shelves ready, in the background; requests are about to come. */
    public synchronized void open() {
        open = true;
        shelves.values().forEach(this::ready);
    }

    private void ready(Shelf shelf) {
        backroom.leave(0, () -> {
            shelf.open();
            return true;
        });
    }

    @Override
    public synchronized void close() {
        backroom.close();
        shelves.values().forEach(Shelf::close);
    }
}
