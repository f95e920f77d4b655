package io.bactrian.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InstallationTest {
    @Test
    void the_built_in_routes_are_the_files_of_the_repository(@TempDir Path empty) throws IOException {
        List<String> files;
        try (Stream<Path> routes = Files.list(Path.of("routes"))) {
            files = routes.map(file -> "classpath:io/bactrian/routes/" + file.getFileName())
                    .toList();
        }
        assertThat(Arrays.asList(Installation.in(empty).routes().split(",")))
                .containsExactlyInAnyOrderElementsOf(files);
    }
}
