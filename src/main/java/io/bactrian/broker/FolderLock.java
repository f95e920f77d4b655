package io.bactrian.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** The right to use a folder, which one process has at a time; it ends with the process. Not thread-safe. */
final class FolderLock implements AutoCloseable {
    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Takes the right, and makes the folder.
     *
     * @return null if another process has it
     * @throws IOException if the folder cannot be written to
     */
    static @Nullable FolderLock take(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel file =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean taken = false;
        try {
            taken = file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Another gateway of this process has it.
        } finally {
            if (!taken) {
                file.close();
            }
        }
        return taken ? new FolderLock(file) : null;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
