package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The built program, {@code java -jar target/bactrian.jar}, as a process in a folder of its own. Thread-safe. */
public final class Program implements AutoCloseable {
    private static final Path JAR = Path.of("target/bactrian.jar").toAbsolutePath();
    private static final Pattern LISTENS = Pattern.compile("Bactrian listens on (http://\\S+):(\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final long startedAt = System.nanoTime();
    private final Process process;
    private final Queue<String> out = new ConcurrentLinkedQueue<>();
    private final Queue<String> err = new ConcurrentLinkedQueue<>();
    private final List<Thread> readers;

    private Program(Process process) {
        this.process = process;
        this.readers = List.of(read(process.getInputStream(), out), read(process.getErrorStream(), err));
    }

    /**
     * A folder with these lines as {@code application.properties}; none = a folder without that file. There is no queue unless a
     * line names one of its properties.
     */
    public static Setup with(String... lines) {
        try {
            Path directory = Folders.temporary("bactrian-program");
            if (lines.length > 0) {
                Files.write(directory.resolve("application.properties"), List.of(lines));
            }
            return new Setup(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a start is given beside its folder. For one thread. */
    public static final class Setup {
        private final Path directory;
        private final List<String> options = new ArrayList<>();
        private final List<String> variables = new ArrayList<>();
        private final List<Path> components = new ArrayList<>();
        private Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        private @Nullable Path script;

        private Setup(Path directory) {
            this.directory = directory;
        }

        /** Another Java than the one that runs the tests. */
        public Setup java(Path executable) {
            java = executable;
            return this;
        }

        /** An option of the JVM, such as {@code -Dkey=value}. */
        public Setup option(String option) {
            options.add(option);
            return this;
        }

        /** A script that starts the program, in place of Java; it gets the options as {@code JAVA_OPTS}. */
        public Setup script(Path executable) {
            script = executable;
            return this;
        }

        /** A jar beside the program's own; it is started with a class path, then. */
        public Setup component(Path jar) {
            components.add(jar);
            return this;
        }

        /** The folder in which it is started. */
        public Path directory() {
            return directory;
        }

        /** A variable of the environment, which has none of the gateway's otherwise. */
        public Setup variable(String name, String value) {
            variables.add(name);
            variables.add(value);
            return this;
        }

        /** A file in the folder. */
        public Setup file(String name, String text) {
            try {
                Path file = directory.resolve(name);
                Files.createDirectories(file.getParent());
                Files.writeString(file, text);
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        public Program run(String... arguments) {
            List<String> jvm = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1"));
            jvm.addAll(options);
            ProcessBuilder builder = new ProcessBuilder(command(jvm, arguments)).directory(directory.toFile());
            builder.environment()
                    .keySet()
                    .removeIf(name ->
                            name.matches("(?i)BACTRIAN_.*|CAMEL_.*|OTEL_.*|.*_API_KEY|.*_PROXY|JAVA_TOOL_OPTIONS"));
            if (script != null) {
                builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
                builder.environment().put("JAVA_OPTS", String.join(" ", jvm));
            }
            if (!hasQueue()) {
                builder.environment().put("BACTRIAN_QUEUE_ENABLED", "false");
            }
            for (int i = 0; i < variables.size(); i += 2) {
                builder.environment().put(variables.get(i), variables.get(i + 1));
            }
            try {
                return new Program(builder.start());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private List<String> command(List<String> jvm, String... arguments) {
            List<String> command = new ArrayList<>();
            if (script != null) {
                command.add(script.toString());
            } else {
                command.add(java.toString());
                command.addAll(jvm);
                command.addAll(
                        components.isEmpty()
                                ? List.of("-jar", JAR.toString())
                                : List.of("-cp", classPath(), "io.bactrian.Launcher"));
            }
            command.addAll(List.of(arguments));
            return command;
        }

        /** Whether the configuration says anything of the queue; the port of its broker is the same for all programs. */
        private boolean hasQueue() {
            Path file = directory.resolve("application.properties");
            try {
                return Files.exists(file) && Files.readString(file).contains("bactrian.queue.");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private String classPath() {
            return Stream.concat(Stream.of(JAR), components.stream())
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
        }
    }

    /** Waits until it listens; the address for a path. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + listening().group(2) + path);
    }

    private Matcher listening() {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> LISTENS.matcher(out()).find() || !process.isAlive());
        Matcher matcher = LISTENS.matcher(out());
        if (!matcher.find()) {
            throw new AssertionError("it does not listen: " + out() + err());
        }
        return matcher;
    }

    /** Waits for its end. */
    public int exitCode() {
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("it has not ended: " + out() + err());
            }
            for (Thread reader : readers) {
                reader.join(PATIENCE);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Asks it to end, as Kubernetes does; its output is still read. */
    public void terminate() {
        process.toHandle().destroy();
    }

    public boolean runs() {
        return process.isAlive();
    }

    /** What it has written to standard output. */
    public String out() {
        return String.join("\n", out);
    }

    public String err() {
        return String.join("\n", err);
    }

    public List<String> errLines() {
        return List.copyOf(err);
    }

    public Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedAt);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private static Thread read(InputStream from, Queue<String> to) {
        return Thread.ofVirtual().start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                reader.lines().forEach(to::add);
            } catch (IOException | UncheckedIOException e) {
                // The process was ended by force.
            }
        });
    }
}
