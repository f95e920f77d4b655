package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The {@code application.properties} that a newcomer edits, and the table of limits in the reference. What both say of the limits
 * follows from {@link Limits}: {@code mvn test -Dtest=ReferenceTest -Dupdate=true} writes it again.
 */
class ReferenceTest {
    private static final Path FILE = Path.of("application.properties");
    private static final Path REFERENCE = Path.of("docs/reference.md");
    private static final String KEY = "#?(bactrian|camel)\\.\\S+?=.*";
    private static final int COMMENT_WIDTH = 125;

    @Test
    void every_key_behind_a_comment_sign_can_be_switched_on() throws IOException {
        assertThat(Reading.mistakes(everything())).isEmpty();
    }

    @Test
    void every_limit_is_there_with_its_default() throws IOException {
        List<String> keys =
                everything().lines().map(line -> line.split("=", 2)[0]).toList();
        for (LimitKey limit : LimitKey.ALL) {
            assertThat(keys).contains("bactrian.defaults." + limit.name());
        }
        assertThat(Reading.config(everything()).limits().resolve(null, target()))
                .isEqualTo(Reading.config(Reading.BASE).limits().resolve(null, target()));
    }

    @Test
    void the_section_of_the_limits_in_the_file_is_what_they_declare() throws IOException {
        assertSection(
                FILE,
                line -> line.startsWith("# --- Limits."),
                String::isEmpty,
                LimitKey.ALL.stream().flatMap(ReferenceTest::lines).toList());
    }

    @Test
    void the_table_of_the_limits_in_the_reference_is_what_they_declare() throws IOException {
        List<String> table = new ArrayList<>(
                List.of("| key | meaning | default | values | set again for |", "|---|---|---|---|---|"));
        LimitKey.ALL.forEach(limit -> table.add("| `%s` | %s | `%s` | %s | %s |"
                .formatted(
                        limit.name(),
                        limit.limit().meaning(),
                        limit.limit().builtIn(),
                        limit.values(),
                        places(limit))));
        assertSection(REFERENCE, "<!-- limits: begin -->"::equals, "<!-- limits: end -->"::equals, table);
    }

    private static Stream<String> lines(LimitKey limit) {
        List<String> words = new ArrayList<>(List.of(limit.limit().meaning().split(" ")));
        words.add("(" + limit.values() + ")");
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder("#");
        for (String word : words) {
            if (line.length() + 1 + word.length() > COMMENT_WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder("#");
            }
            line.append(' ').append(word);
        }
        lines.add(line.toString());
        lines.add(
                "#bactrian.defaults.%s=%s".formatted(limit.name(), limit.limit().builtIn()));
        return lines.stream();
    }

    private static String places(LimitKey limit) {
        return switch (limit.scope()) {
            case REQUEST -> "chains";
            case ATTEMPT -> "chains, providers, targets";
            case MODEL -> "providers, targets";
        };
    }

    /** The lines between two others, which are written instead of compared if the system property {@code update} is set. */
    private static void assertSection(Path file, Predicate<String> begin, Predicate<String> end, List<String> expected)
            throws IOException {
        List<String> lines = Files.readAllLines(file);
        int from = 1 + indexOf(lines, 0, begin);
        int to = indexOf(lines, from, end);
        if (Boolean.getBoolean("update")) {
            List<String> updated = new ArrayList<>(lines.subList(0, from));
            updated.addAll(expected);
            updated.addAll(lines.subList(to, lines.size()));
            Files.write(file, updated);
            return;
        }
        assertThat(lines.subList(from, to))
                .as("%s follows from Limits; -Dupdate=true writes it", file)
                .containsExactlyElementsOf(expected);
    }

    private static int indexOf(List<String> lines, int from, Predicate<String> wanted) {
        for (int i = from; i < lines.size(); i++) {
            if (wanted.test(lines.get(i))) {
                return i;
            }
        }
        throw new AssertionError("no such line");
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
