package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The layout of integration tests: on the first page of a class stands what it tests, not how that is set up. */
final class IntegrationTestLayoutTest {
    private static final int FIRST_PAGE = 60;
    private static final Pattern TEST =
            Pattern.compile("\\s*@(Test|ParameterizedTest|RepeatedTest|TestFactory|Property)\\b.*");

    @Test
    void the_first_test_of_a_class_stands_on_its_first_page() throws IOException {
        List<String> late;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            late = files.filter(file -> file.getFileName().toString().endsWith("IT.java"))
                    .filter(file -> lineOfFirstTest(file) > FIRST_PAGE)
                    .map(file -> file.getFileName() + ": " + lineOfFirstTest(file))
                    .toList();
        }

        assertThat(late)
                .as(
                        "the first test below line %s; helpers and long texts go below the tests, set-ups into %s",
                        FIRST_PAGE, "GatewayExtension")
                .isEmpty();
    }

    private static int lineOfFirstTest(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return IntStream.range(0, lines.size())
                            .filter(i -> TEST.matcher(lines.get(i)).matches())
                            .findFirst()
                            .orElse(lines.size())
                    + 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
