package io.bactrian.queue;

import io.bactrian.database.DatabaseUrl;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests in flight, in a file in memory that the operating system keeps when the process is killed. So the process that
 * comes next knows which requests the one before it was working on when it died. A file that cannot be used costs this
 * knowledge only. Thread-safe.
 *
 * <p>The file has slots of 32 bytes: 16 bytes of the SHA-256 of the request's id, the time of its last start in epoch
 * milliseconds, and the number of its starts, 0 in a free slot. Nothing of a request can be read in it.
 */
final class InFlightFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InFlightFile.class);
    private static final int SLOTS = 16_384;
    private static final int SLOT_BYTES = 32;
    private static final int TIME = 16;
    private static final int STARTS = 24;
    /** The time after which a request that never came again is forgotten. */
    private static final long FORGOTTEN_AFTER_MILLIS = Duration.ofDays(7).toMillis();

    private final Path file;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Key, Slot> slots = new HashMap<>();
    private final BitSet taken = new BitSet(SLOTS);
    private boolean open;
    private @Nullable FileChannel channel;
    private @Nullable MappedByteBuffer memory;

    private record Key(long high, long low) {}

    private static final class Slot {
        final int number;
        /** The starts in processes that were killed. */
        final int before;

        int starts;
        long startedAt;

        Slot(int number, int before, long startedAt) {
            this.number = number;
            this.before = before;
            this.starts = before;
            this.startedAt = startedAt;
        }
    }

    InFlightFile(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    /** Reads what the process before has left. */
    void open() {
        lock.lock();
        try {
            if (!open) {
                open = true;
                map();
                read();
            }
        } finally {
            lock.unlock();
        }
    }

    private void map() {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            FileChannel opened = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            channel = opened;
            if (opened.tryLock() == null) {
                throw new IOException("another process uses it");
            }
            int size = SLOTS * SLOT_BYTES;
            if (opened.size() < size) {
                // All blocks are written, so that a full disk is noticed here: memory without a block behind it ends
                // the process.
                ByteBuffer rest = ByteBuffer.allocate((int) (size - opened.size()));
                while (rest.hasRemaining()) {
                    // A disk that becomes full takes a part, and fails at the next one.
                    opened.write(rest, opened.size());
                }
            }
            memory = opened.map(FileChannel.MapMode.READ_WRITE, 0, size);
        } catch (IOException | OverlappingFileLockException e) {
            Path folder = file.toAbsolutePath().normalize().getParent();
            if (folder != null && !DatabaseUrl.writable(folder)) {
                LOG.warn(
                        "Requests that kill the gateway are not counted: cannot write to the folder {}; allow it, or set"
                                + " bactrian.queue.directory to another",
                        folder);
            } else {
                LOG.warn(
                        "Requests that kill the gateway are not counted: cannot use {}: {}",
                        file,
                        e instanceof IOException ? e.toString() : "another gateway uses it");
            }
            closeFile();
        }
    }

    private void read() {
        MappedByteBuffer mapped = memory;
        if (mapped == null) {
            return;
        }
        long forgotten = clock.millis() - FORGOTTEN_AFTER_MILLIS;
        for (int i = 0; i < SLOTS; i++) {
            int at = i * SLOT_BYTES;
            int starts = mapped.getInt(at + STARTS);
            if (starts > 0 && mapped.getLong(at + TIME) > forgotten) {
                Key key = new Key(mapped.getLong(at), mapped.getLong(at + Long.BYTES));
                slots.put(key, new Slot(i, starts, mapped.getLong(at + TIME)));
                taken.set(i);
            } else {
                mapped.putInt(at + STARTS, 0);
            }
        }
    }

    /** Notes that a delivery begins; returns how many have begun before and not ended. */
    int started(String id) {
        Key key = key(id);
        lock.lock();
        try {
            open();
            Slot slot = slots.get(key);
            if (slot == null) {
                slot = take(key);
            }
            if (slot == null) {
                return 0;
            }
            slot.startedAt = clock.millis();
            slot.starts++;
            write(slot);
            return slot.starts - 1;
        } finally {
            lock.unlock();
        }
    }

    /** A new slot; null if there is none left. */
    private @Nullable Slot take(Key key) {
        int number = taken.nextClearBit(0);
        if (number >= SLOTS) {
            forget();
            number = taken.nextClearBit(0);
        }
        if (number >= SLOTS) {
            return null;
        }
        Slot slot = new Slot(number, 0, clock.millis());
        taken.set(number);
        slots.put(key, slot);
        MappedByteBuffer mapped = memory;
        if (mapped != null) {
            mapped.putLong(number * SLOT_BYTES, key.high());
            mapped.putLong(number * SLOT_BYTES + Long.BYTES, key.low());
        }
        return slot;
    }

    private void forget() {
        long forgotten = clock.millis() - FORGOTTEN_AFTER_MILLIS;
        slots.values().removeIf(slot -> {
            boolean old = slot.startedAt <= forgotten;
            if (old) {
                free(slot);
            }
            return old;
        });
    }

    /** Notes that a request has ended. */
    void ended(String id) {
        Key key = key(id);
        lock.lock();
        try {
            Slot slot = slots.remove(key);
            if (slot != null) {
                free(slot);
            }
        } finally {
            lock.unlock();
        }
    }

    private void free(Slot slot) {
        slot.starts = 0;
        write(slot);
        taken.clear(slot.number);
    }

    private void write(Slot slot) {
        MappedByteBuffer mapped = memory;
        if (mapped != null) {
            mapped.putLong(slot.number * SLOT_BYTES + TIME, slot.startedAt);
            // A process that dies here leaves the rest of the slot written before its number of starts.
            VarHandle.releaseFence();
            mapped.putInt(slot.number * SLOT_BYTES + STARTS, slot.starts);
        }
    }

    private static Key key(String id) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(id));
        return new Key(hash.getLong(), hash.getLong());
    }

    private void closeFile() {
        try (FileChannel opened = channel) {
            channel = null;
        } catch (IOException e) {
            LOG.debug("Cannot close {}", file, e);
        }
    }

    /** Closes it. A stop of the process is no fault of the requests that it leaves behind. */
    @Override
    public void close() {
        lock.lock();
        try {
            for (Slot slot : slots.values()) {
                slot.starts = slot.before;
                write(slot);
            }
            memory = null;
            slots.clear();
            taken.clear();
            closeFile();
        } finally {
            lock.unlock();
        }
    }
}
