package io.bactrian.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RouteFilesTest {
    @Test
    void a_file_that_is_no_text_is_told_as_such(@TempDir Path directory) throws IOException {
        Path routes = Files.createDirectory(directory.resolve("routes"));
        Files.write(routes.resolve("mine.camel.yaml"), new byte[] {(byte) 0x89, 'P', 'N', 'G', (byte) 0xFF});

        assertThat(RouteFiles.in(directory).mistakes()).containsExactly("routes/mine.camel.yaml: is no text in UTF-8");
    }
}
