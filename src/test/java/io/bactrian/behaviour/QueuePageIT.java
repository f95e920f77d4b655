package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.Ports;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page on the queue, held to what it says: its program in Java runs as it stands. */
final class QueuePageIT {
    private static final Path PAGE = Path.of("docs/queue.md");
    private static final String CLASS_PATH = "target/bactrian.jar:target/lib/*";

    @Test
    void the_program_in_java_gets_its_reply(@TempDir Path directory) throws IOException, InterruptedException {
        int port = Ports.free();
        Files.writeString(directory.resolve("Ask.java"), code("java").replace(":61616", ":" + port));
        assertThat(code("shell")).contains("java -cp '" + CLASS_PATH + "' Ask.java");
        try (StubProvider p = StubProvider.openai();
                Gateway gateway =
                        Gateway.over(Map.of("p", p), "bactrian.queue.enabled=true", "bactrian.queue.port=" + port)) {
            assertThat(gateway.port()).isPositive();
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            Process program = new ProcessBuilder(
                            java,
                            "-cp",
                            CLASS_PATH,
                            directory.resolve("Ask.java").toString())
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(program.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(new String(program.getInputStream().readAllBytes(), UTF_8))
                        .contains("p/model-p: {")
                        .contains("Hello from the stub.");
            } finally {
                program.destroyForcibly();
            }
        }
    }

    private static String code(String language) throws IOException {
        return MarkdownPage.read(PAGE).sections().stream()
                .map(section -> section.code(language))
                .collect(Collectors.joining("\n"));
    }
}
