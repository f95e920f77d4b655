package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.MarkdownPage.Section;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The documentation, held to what it says: each example runs in demo and shows what stands below it, each link leads somewhere,
 * and the README stays short.
 */
final class DocsIT {
    private static final Path README = Path.of("README.md");
    private static final Path DOCS = Path.of("docs");

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void an_example_does_what_its_page_says(Example example) throws IOException, InterruptedException {
        Files.writeString(
                directory.resolve("application.properties"),
                "camel.server.port=0\nbactrian.health.period=0s\nbactrian.queue.enabled=false\n"
                        + example.properties());
        try (Gateway gateway = Gateway.in(directory, Duration.ofMillis(200))) {
            String output = run(example.commands().replace("localhost:8080", "127.0.0.1:" + gateway.port()));
            example.shown().lines().forEach(line -> assertThat(output.lines())
                    .as("%s: %s", line, output)
                    .anyMatch(told -> like(line).matcher(told).find()));
        }
    }

    @Test
    void graded_fallback_is_shown_by_examples() throws IOException {
        assertThat(examples(MarkdownPage.read(DOCS.resolve("graded-fallback.md"))))
                .hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void every_relative_link_leads_to_a_file_and_to_a_heading_of_it(MarkdownPage page) throws IOException {
        for (String link : page.links()) {
            URI uri = URI.create(link);
            if (uri.isAbsolute()) {
                continue;
            }
            Path file = uri.getPath().isEmpty() ? page.file() : page.file().resolveSibling(uri.getPath());
            assertThat(file).as("%s in %s", link, page).exists();
            if (uri.getFragment() != null && file.toString().endsWith(".md")) {
                assertThat(MarkdownPage.read(file).anchors())
                        .as("%s in %s", link, page)
                        .contains(uri.getFragment());
            }
        }
    }

    @Test
    void the_readme_is_short() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(130).allSatisfy(line -> assertThat(line)
                .hasSizeLessThanOrEqualTo(400));
    }

    /**
     * A configuration, commands to run against it, and lines that they show.
     *
     * @param properties empty for the built-in configuration
     */
    record Example(String title, String properties, String commands, String shown) {
        @Override
        public String toString() {
            return title;
        }
    }

    static Stream<Example> examples() throws IOException {
        List<Example> examples = new ArrayList<>();
        for (MarkdownPage page : pages()) {
            examples.addAll(examples(page));
        }
        return examples.stream();
    }

    /** The sections with all three kinds of blocks; those of the README need no configuration. */
    private static List<Example> examples(MarkdownPage page) {
        String functions = introduction(page);
        return page.sections().stream()
                .filter(section -> !section.code("sh").isEmpty()
                        && !section.code("text").isEmpty()
                        && (!section.code("properties").isEmpty() || page.file().equals(README)))
                .map(section -> new Example(
                        page + ": " + section.heading(),
                        section.code("properties"),
                        functions + section.code("sh"),
                        section.code("text")))
                .toList();
    }

    /** The commands that stand below the title of a page, which define functions for all of its examples. */
    private static String introduction(MarkdownPage page) {
        Section title = page.sections().size() > 1
                ? page.sections().get(1)
                : page.sections().getFirst();
        return title.code("sh");
    }

    /** The README and its neighbours, and what is below {@code docs}. */
    static List<MarkdownPage> pages() throws IOException {
        List<MarkdownPage> pages = new ArrayList<>();
        try (Stream<Path> top = Files.list(Path.of(""));
                Stream<Path> docs = Files.walk(DOCS)) {
            for (Path file : Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList()) {
                pages.add(MarkdownPage.read(file));
            }
        }
        return pages;
    }

    /** A line as shown, in which an ellipsis stands for anything. */
    private static Pattern like(String shown) {
        return Pattern.compile(
                Stream.of(shown.strip().split("…", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
                Pattern.CASE_INSENSITIVE);
    }

    private String run(String commands) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("timeout", "60", "bash", "-c", commands)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(shell.getInputStream().readAllBytes(), UTF_8).replace("\r", "");
        assertThat(shell.waitFor()).as(output).isZero();
        return output;
    }
}
