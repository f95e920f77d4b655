package io.bactrian;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code --train}: makes an AOT cache, from which Java takes loaded classes and profiles at the next starts. It starts
 * a gateway with simulated providers in a process of its own, asks it as callers do, and stops it; Java writes the cache then. The
 * cache fits this Java, this class path and the options of this JVM. What fits already is not made again. For one use.
 */
final class AotTraining {
    /** The option that chooses the command. */
    static final String NAME = "--train";

    /** The form of the command, for a usage line. */
    static final String USAGE = NAME + " [file]";

    /** By name: the launcher is compiled apart, for old Java as well. */
    private static final String MAIN = "io.bactrian.Launcher";

    /** The first Java that records and writes a cache in one run. */
    private static final int NEEDED = 25;

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int PAUSE_MILLIS = 50;
    private static final int KILL_SECONDS = 10;
    private static final int TOLD_LINES = 20;
    private static final Pattern LISTENS = Pattern.compile("Bactrian listens on http://\\S+:(\\d+)");

    /** Of the environment, what a process needs; no settings and no keys. */
    private static final Set<String> KEPT = Set.of("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH");

    /** Lines of method, path and body; in the second half the first target fails, and one with the other protocol answers. */
    private static final String REQUESTS = "training.txt";

    /** The properties of the gateway that is asked. */
    private static final String PROPERTIES = "training.properties";

    private final Path jar;
    private final Path cache;

    private AotTraining(Path jar, Path cache) {
        this.jar = jar;
        this.cache = cache;
    }

    /**
     * Runs the command.
     *
     * @param arguments {@link #NAME}, and the file to write; without one it is {@code bactrian.aot} beside the jar
     * @return the exit code: 0 if the cache fits, or if this Java or system can make none; 1 if that failed; 2 for wrong arguments
     */
    static int run(List<String> arguments) {
        if (arguments.size() > 2 || arguments.size() == 2 && arguments.get(1).matches("|-.*")) {
            System.err.println("usage: java -jar bactrian.jar " + USAGE);
            return 2;
        }
        if (Runtime.version().feature() < NEEDED) {
            System.out.println("No AOT cache: it needs Java " + NEEDED + " or newer, and this is Java "
                    + Runtime.version().feature() + ". The gateway runs without one.");
            return 0;
        }
        if (System.getProperty("os.name", "").startsWith("Windows")) {
            System.out.println("No AOT cache: on Windows a process cannot be asked to end, which training needs.");
            return 0;
        }
        Path jar = ownJar();
        if (jar == null) {
            System.err.println("No AOT cache: it is made from bactrian.jar, and this program runs from classes.");
            return 1;
        }
        Path cache = arguments.size() == 2 ? Path.of(arguments.get(1)) : jar.resolveSibling("bactrian.aot");
        AotTraining training = new AotTraining(jar, cache.toAbsolutePath());
        try {
            String done = training.fits() ? " fits already" : " is made, " + training.make() / 1_000_000 + " MB";
            System.out.println("The AOT cache" + done + ": -XX:AOTCache=" + cache);
            return 0;
        } catch (IOException | UncheckedIOException e) {
            System.err.println("No AOT cache: " + e.getMessage());
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static @Nullable Path ownJar() {
        try {
            Path place = Path.of(AotTraining.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return Files.isRegularFile(place) ? place : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** Whether the cache is there and Java takes it: with this mode it ends with an error instead of going on without. */
    private boolean fits() throws IOException, InterruptedException {
        if (!Files.exists(cache)) {
            return false;
        }
        Process process = builder(
                        List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"),
                        List.of(Bactrian.VERSION),
                        Path.of("").toAbsolutePath())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    /** Makes the cache, and returns its size in bytes. A gateway that uses the old one keeps that. */
    private long make() throws IOException, InterruptedException {
        Path made = cache.resolveSibling(cache.getFileName() + ".new");
        try {
            Files.deleteIfExists(made);
            Files.createFile(made);
        } catch (IOException e) {
            throw new IOException("the file " + cache + " cannot be written: " + e, e);
        }
        Path folder = Files.createTempDirectory("bactrian-training");
        try {
            record(folder, made);
            return Files.size(Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING));
        } finally {
            Files.deleteIfExists(made);
            // What Java records first, if it was ended in between.
            Files.deleteIfExists(cache.resolveSibling(made.getFileName() + ".config"));
            delete(folder);
        }
    }

    private void record(Path folder, Path made) throws IOException, InterruptedException {
        try (InputStream properties = resource(PROPERTIES)) {
            Files.copy(properties, folder.resolve("application.properties"));
        }
        Path log = folder.resolve("log");
        Process gateway = builder(
                        List.of(
                                "-XX:AOTCacheOutput=" + made,
                                "-Dcamel.server.host=127.0.0.1",
                                "-Dcamel.server.port=0",
                                "-Dbactrian.queue.port=0"),
                        List.of(),
                        folder)
                .redirectOutput(log.toFile())
                .start();
        Thread end = new Thread(() -> kill(gateway));
        Runtime.getRuntime().addShutdownHook(end);
        try {
            ask(URI.create("http://127.0.0.1:" + port(gateway, log)));
            gateway.destroy();
            if (!gateway.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw failure("the gateway did not end", log);
            }
            if (gateway.exitValue() != 0 || Files.size(made) == 0) {
                throw failure("the gateway ended with " + gateway.exitValue() + " and left no cache", log);
            }
        } finally {
            kill(gateway);
            // It writes to the folder that is deleted next.
            gateway.waitFor(KILL_SECONDS, TimeUnit.SECONDS);
            Runtime.getRuntime().removeShutdownHook(end);
        }
    }

    /** Ends a JVM at once, and the one that it may have started to write the cache. */
    private static void kill(Process gateway) {
        gateway.descendants().forEach(ProcessHandle::destroyForcibly);
        gateway.destroyForcibly();
    }

    private static int port(Process gateway, Path log) throws IOException, InterruptedException {
        for (long waited = 0; waited < PATIENCE.toMillis(); waited += PAUSE_MILLIS) {
            Matcher listens = LISTENS.matcher(Files.readString(log));
            if (listens.find()) {
                return Integer.parseInt(listens.group(1));
            }
            if (gateway.waitFor(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        throw failure("the gateway did not start", log);
    }

    private static void ask(URI gateway) throws IOException {
        try (InputStream requests = resource(REQUESTS)) {
            for (String line :
                    new String(requests.readAllBytes(), UTF_8).lines().toList()) {
                String[] parts = line.split(" ", 3);
                request(gateway.resolve(parts[1]), parts.length == 3 ? parts[2] : null);
            }
        }
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(AotTraining.class.getResourceAsStream(name), name);
    }

    private static void request(URI uri, @Nullable String body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        connection.setReadTimeout((int) PATIENCE.toMillis());
        if (body != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(body.getBytes(UTF_8));
        }
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new IOException(uri.getPath() + " was answered with status " + connection.getResponseCode());
        }
        connection.getInputStream().readAllBytes();
    }

    /** The program in a JVM like this one. */
    private ProcessBuilder builder(List<String> options, List<String> arguments, Path folder) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.matches("(-X|--).*") && !option.matches("-XX:(AOT|SharedArchive).*"))
                .forEach(command::add);
        command.addAll(options);
        String classPath = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
        command.addAll(classPath.equals(jar.toString()) ? List.of("-jar", classPath) : List.of("-cp", classPath, MAIN));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().keySet().retainAll(KEPT);
        return builder;
    }

    private static IOException failure(String what, Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return new IOException(what + "; the end of its log:"
                + lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()).stream()
                        .map(line -> System.lineSeparator() + "  " + line)
                        .collect(Collectors.joining()));
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
