package io.bactrian.resort;

import io.bactrian.config.Config;
import io.bactrian.config.Stale;
import java.time.Clock;
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
    private @Nullable Stale settings;
    private Shelf shelf = NONE;
    private boolean open;

    /** @param dropped counts the answers that could not be kept */
    public Shelves(Clock clock, Runnable dropped) {
        this.clock = clock;
        this.backroom = new Backroom(dropped);
    }

    /** The last resorts of a configuration. */
    public synchronized LastResorts of(Config config) {
        Stale wanted = LastResorts.remembers(config) ? config.stale() : null;
        if (wanted == null ? settings != null : !wanted.equals(settings)) {
            shelf.close();
            shelf = wanted == null ? NONE : shelf(wanted);
            settings = wanted;
            if (open) {
                open();
            }
        }
        return new LastResorts(shelf, backroom, clock);
    }

    private Shelf shelf(Stale wanted) {
        return wanted.store().isEmpty() ? new MemoryShelf(wanted, clock) : new DatabaseShelf(wanted, clock);
    }

    /** Makes the shelf ready, in the background; requests are about to come. */
    public synchronized void open() {
        open = true;
        Shelf ready = shelf;
        backroom.leave(0, () -> {
            ready.open();
            return true;
        });
    }

    @Override
    public synchronized void close() {
        backroom.close();
        shelf.close();
    }
}
