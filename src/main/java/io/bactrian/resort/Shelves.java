package io.bactrian.resort;

import io.bactrian.config.Config;
import io.bactrian.config.Stale;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
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
    /** One for each of the settings that have been heeded: what was read last may not be what serves in the end. */
    private final Map<Stale, Shelf> shelves = new HashMap<>();

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

    private Shelf shelf(Stale wanted) {
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
