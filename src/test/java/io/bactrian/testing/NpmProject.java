package io.bactrian.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A project of npm that a test runs programs of: its sources are copied to a folder, where its packages are installed from the lock
 * file, once. For one thread.
 */
public final class NpmProject {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private final Path sources;
    private final Path folder;

    /** @param folder below {@code target} */
    public NpmProject(Path sources, Path folder) {
        this.sources = sources;
        this.folder = folder.toAbsolutePath();
    }

    /** Where it is installed. */
    public Path folder() {
        return folder;
    }

    /** Installs what the lock file names, unless it is there. */
    public void install() throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(sources)) {
            for (Path source : files.filter(Files::isRegularFile).toList()) {
                Files.copy(source, folder.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path lock = folder.resolve("package-lock.json");
        Path installed = folder.resolve("installed-lock.json");
        if (Files.exists(installed) && Files.mismatch(lock, installed) < 0) {
            return;
        }
        run(List.of("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"));
        Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Runs a program to its end; what it has printed. The keys of providers do not reach it. */
    public byte[] run(List<String> command) throws IOException {
        Files.createDirectories(folder);
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.matches("(OPENAI|ANTHROPIC)_.*|NODE_OPTIONS"));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new AssertionError("This test needs " + command.getFirst() + " on the path: " + e.getMessage());
        }
        try {
            boolean ended = process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command)
                        + (ended ? " ended with " + process.exitValue() : " has not ended after " + PATIENCE) + ":\n"
                        + Files.readString(out) + Files.readString(err));
            }
            return Files.readAllBytes(out);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
