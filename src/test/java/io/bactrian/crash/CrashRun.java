package io.bactrian.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Folders;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** One run of the crash test: a provider that breaks on purpose, a gateway before it, and the grid of faults that judges it. */
final class CrashRun implements AutoCloseable {
    private static final Path SCRIPTS = Path.of("src/test/crash").toAbsolutePath();
    private static final int FAULTS = 16;
    private static final double SCALE = 0.2;
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final Process wall;
    private final Gateway gateway;
    private final Process grid;
    private final Path rows;
    private final Path log;

    /** Starts all three; the grid begins at once. */
    CrashRun(String... options) throws IOException {
        Path directory = Folders.temporary("crash");
        rows = directory.resolve("rows.json");
        log = directory.resolve("grid.log");
        int port = Ports.free();
        wall = python(directory.resolve("wall.log"), "wall.py", Integer.toString(port));
        await().atMost(Duration.ofSeconds(20)).until(() -> listens(port));
        gateway = Gateway.start(configuration(port).toArray(String[]::new));
        List<String> command = new ArrayList<>(List.of(
                "grid.py", gateway.uri("/v1").toString(), "--wall", Integer.toString(port), "--json", rows.toString()));
        command.addAll(List.of("--scale", Double.toString(SCALE)));
        command.addAll(List.of(options));
        grid = python(log, command.toArray(String[]::new));
    }

    /** The reference configuration with every long wait a fifth of its default, as the grid's are. */
    private static List<String> configuration(int port) {
        List<String> lines = new ArrayList<>(List.of(
                "bactrian.providers.wall.base-url=http://127.0.0.1:" + port + "/v1",
                "bactrian.providers.wall.keyless=true",
                "bactrian.defaults.first-token-timeout=2s",
                "bactrian.defaults.idle-timeout=4s",
                "bactrian.defaults.response-timeout=24s",
                "bactrian.defaults.breaker.open-for=11s",
                "bactrian.chains.default=wall/fb-ok",
                "bactrian.chains.alone-fb-ok=wall/fb-ok"));
        for (int fault = 1; fault <= FAULTS; fault++) {
            String name = "fb-s%02d".formatted(fault);
            String fallback = fault == 14 ? "wall/fb-ok-noprefill" : "wall/fb-ok";
            lines.add("bactrian.chains." + name + "=wall/" + name + ", " + fallback);
        }
        return lines;
    }

    /** The verdict on each fault, once the grid has come to its end. */
    Map<String, Verdict> verdicts() throws IOException, InterruptedException {
        assertThat(grid.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS))
                .as("the grid ends; it said:%n%s", Files.readString(log))
                .isTrue();
        assertThat(grid.exitValue()).as(Files.readString(log)).isZero();
        Map<String, Verdict> verdicts = new TreeMap<>();
        JsonNode all = Json.parse(Files.readAllBytes(rows));
        assertThat(all).hasSize(FAULTS);
        for (JsonNode row : all) {
            verdicts.put(
                    row.path("id").asText(),
                    new Verdict(row.path("verdict").asText(), row.path("why").asText()));
        }
        return verdicts;
    }

    /**
     * What the grid says of one fault.
     *
     * @param name pass, partial, safe or fail
     */
    record Verdict(String name, String why) {}

    private static Process python(Path output, String... arguments) {
        List<String> command = new ArrayList<>(List.of("python3", "-B"));
        command.addAll(List.of(arguments));
        try {
            return new ProcessBuilder(command)
                    .directory(SCRIPTS.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            return fail("The crash test needs python3 (3.9 or newer, standard library only) on the path.", e);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        grid.destroyForcibly();
        gateway.close();
        wall.destroyForcibly();
        try {
            grid.waitFor();
            wall.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
