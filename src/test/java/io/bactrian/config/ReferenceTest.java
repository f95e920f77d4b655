package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The {@code application.properties} that a newcomer edits. */
class ReferenceTest {
    private static final Path FILE = Path.of("application.properties");
    private static final String KEY = "#?(bactrian|camel)\\.\\S+?=.*";

    @Test
    void every_key_behind_a_comment_sign_can_be_switched_on() throws IOException {
        assertThat(Reading.mistakes(everything())).isEmpty();
    }

    @Test
    void every_limit_is_there_with_its_default() throws IOException {
        List<String> keys =
                everything().lines().map(line -> line.split("=", 2)[0]).toList();
        for (LimitKey<?> limit : LimitKeys.ALL) {
            assertThat(keys).contains("bactrian.defaults." + limit.name());
        }
        assertThat(Reading.config(everything()).limits().resolve(null, target()))
                .isEqualTo(Reading.config(Reading.BASE).limits().resolve(null, target()));
    }

    private static Target target() {
        return Reading.config(Reading.BASE).targets().get("small");
    }

    private static String everything() throws IOException {
        return Files.readAllLines(FILE).stream()
                .filter(line -> line.matches(KEY))
                .map(line -> line.replaceFirst("^#", "").replaceAll("\\{\\{.*}}", "secret"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
