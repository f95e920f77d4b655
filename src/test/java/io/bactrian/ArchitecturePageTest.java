package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.bactrian.testing.MarkdownPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages about the code, held to the code. */
final class ArchitecturePageTest {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final int MAX_LINES = 165;

    /** A class in code, perhaps with one of its methods. The properties of an exchange begin with the name of the gateway. */
    private static final Pattern CLASS =
            Pattern.compile("`(?!Bactrian)([A-Z][A-Za-z]*[a-z][A-Za-z]*)(?:\\.([a-z][A-Za-z]*))?(?:\\(\\))?`");

    private static final JavaClasses ALL = new ClassFileImporter().importPackages("io.bactrian");

    @Test
    void the_tree_shows_every_package() throws IOException {
        try (Stream<Path> folders = Files.walk(SOURCES.resolve("io/bactrian"))) {
            List<String> packages = folders.filter(Files::isDirectory)
                    .map(folder -> SOURCES.relativize(folder).toString().replace('/', '.'))
                    .toList();
            assertThat(ArchitecturePage.read().packages()).containsExactlyInAnyOrderElementsOf(packages);
        }
    }

    @Test
    void the_table_of_who_may_use_whom_has_every_package() throws IOException {
        ArchitecturePage page = ArchitecturePage.read();
        assertThat(page.mayUse().keySet()).containsExactlyInAnyOrderElementsOf(page.packages());
        assertThat(page.mayUse().values())
                .allSatisfy(used -> assertThat(page.packages()).containsAll(used));
    }

    @Test
    void the_architecture_is_told_in_few_lines() throws IOException {
        assertThat(Files.readAllLines(ArchitecturePage.FILE)).hasSizeLessThanOrEqualTo(MAX_LINES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/architecture.md", "docs/adding-a-protocol.md"})
    void every_class_and_method_named_is_there(String page) throws IOException {
        List<MatchResult> named = MarkdownPage.read(Path.of(page)).sections().stream()
                .flatMap(section -> section.prose().stream())
                .flatMap(line -> CLASS.matcher(line).results())
                .toList();
        assertThat(named).hasSizeGreaterThan(20).allSatisfy(name -> assertThat(ALL)
                .as(name.group())
                .anyMatch(type -> type.getSimpleName().equals(name.group(1)) && has(type, name.group(2))));
    }

    private static boolean has(JavaClass type, String member) {
        return member == null
                || type.getAllMembers().stream().map(JavaMember::getName).anyMatch(member::equals);
    }
}
