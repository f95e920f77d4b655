package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application of {@code examples/camel-main}, as a process of its own. {@code it/examples.sh} builds it as a user does. */
final class ApplicationExampleIT {
    private static final Path SOURCES = Path.of("examples/camel-main/src/main").toAbsolutePath();

    @TempDir
    private Path directory;

    @Test
    void each_file_is_asked_with_the_kamelet_and_answered() throws Exception {
        Files.createDirectories(directory.resolve("questions"));
        Files.writeString(directory.resolve("questions/one.txt"), "Are you there?");
        Path log = directory.resolve("log.txt");
        Process application = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        SOURCES.resolve("resources") + File.pathSeparator + System.getProperty("java.class.path"),
                        SOURCES.resolve("java/example/App.java").toString()))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            Path answer = directory.resolve("answers/one.txt");
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> !application.isAlive() || (Files.exists(answer) && Files.size(answer) > 0));

            assertThat(answer).as(Files.readString(log)).content().contains("Hello!");
        } finally {
            application.destroy();
            assertThat(application.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
