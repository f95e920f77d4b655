package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.MarkdownPage.Block;
import io.bactrian.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The folders of {@code examples/}: each runs as it stands, in demo, and its commands show what its README says. */
final class ExamplesIT {
    private static final Path EXAMPLES = Path.of("examples");

    @ParameterizedTest(name = "{0}")
    @MethodSource("folders")
    void an_example_does_what_its_readme_says(Path folder) throws IOException, InterruptedException {
        Program.Setup setup = copy(folder);
        MarkdownPage page = MarkdownPage.read(folder.resolve("README.md"));
        try (Program program = setup.run()) {
            String address = program.uri("").getAuthority();

            String output = run(setup.directory(), code(page, "sh").replace("localhost:8080", address));

            List<String> shown = code(page, "text").lines().toList();
            assertThat(shown).isNotEmpty();
            shown.forEach(line -> assertThat(output).as(program.out()).contains(line.replaceFirst("…$", "")));
        }
    }

    @Test
    void a_question_without_an_answer_is_put_aside_with_its_error() throws IOException, InterruptedException {
        Program.Setup setup = copy(EXAMPLES.resolve("file-to-file"));
        setup.file("questions/odd.json", "{\"messages\":7}");
        try (Program program = setup.run()) {
            program.uri("");
            run(
                    setup.directory(),
                    "until [ -f failed/odd.json ] && [ -f failed/odd.json.error.json ]; do sleep 0.1; done");
            assertThat(setup.directory().resolve("failed/odd.json")).content().isEqualTo("{\"messages\":7}");
        }
    }

    static List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.list(EXAMPLES)) {
            return all.filter(folder -> Files.isDirectory(folder) && !isApplication(folder))
                    .sorted()
                    .toList();
        }
    }

    /** Whether the example is an application of its own, not a folder for the program. */
    private static boolean isApplication(Path folder) {
        return Files.exists(folder.resolve("pom.xml"));
    }

    /** The folder, in which the program chooses its ports and probes nothing. */
    private static Program.Setup copy(Path folder) throws IOException {
        Program.Setup setup = Program.with();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(isPart(folder)).toList()) {
                setup.file(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return setup.variable("CAMEL_SERVER_PORT", "0")
                .variable("BACTRIAN_QUEUE_PORT", "0")
                .variable("BACTRIAN_HEALTH_PERIOD", "0s");
    }

    /** Whether a file belongs to an example, and does not come from a run of it. */
    private static Predicate<Path> isPart(Path folder) {
        return file -> Files.isRegularFile(file)
                && (file.getParent().equals(folder) || folder.relativize(file).startsWith("routes"));
    }

    private static String code(MarkdownPage page, String language) {
        return page.sections().stream()
                .flatMap(section -> section.blocks().stream())
                .filter(block -> block.language().equals(language))
                .map(Block::text)
                .collect(Collectors.joining("\n"));
    }

    private static String run(Path directory, String commands) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("timeout", "60", "bash", "-c", commands)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
        return output;
    }
}
