package io.bactrian.broker;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The room on a disk. Immutable.
 *
 * @param usable bytes that may still be written
 * @param total bytes of the whole disk
 */
record FreeSpace(long usable, long total) {
    private static final long MEBI = 1L << 20;
    private static final long FLOOR = 200 * MEBI;

    /** The room that a broker needs to start: two files of the journal, and those of its queues. */
    private static final long START = 32 * MEBI;

    static FreeSpace of(Path folder) throws IOException {
        FileStore store = Files.getFileStore(folder);
        return new FreeSpace(store.getUsableSpace(), store.getTotalSpace());
    }

    /** Whether operators should make room: less than 200 MiB, or than a tenth of a small disk. */
    boolean low() {
        return usable < Math.min(FLOOR, total / 10);
    }

    /** Whether a broker has the room to start. */
    boolean enough() {
        return usable >= START;
    }

    /** Such as {@code 120 MiB}. */
    String words() {
        return usable / MEBI + " MiB";
    }
}
