package io.bactrian.protocol.toy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.MarkdownPage;
import io.bactrian.testing.MarkdownPage.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The excerpts of {@code docs/adding-a-protocol.md}, held to the code that they are taken from. */
final class ExcerptsTest {
    private static final Path PAGE = Path.of("docs/adding-a-protocol.md");
    private static final Path TOY = Path.of("src/test/java/io/bactrian/protocol/toy");
    private static final Path PROTOCOLS = Path.of("src/main/java/io/bactrian/runtime/Protocols.java");

    static Stream<Block> excerpts() throws IOException {
        return MarkdownPage.read(PAGE).sections().stream().flatMap(section -> section.blocks().stream());
    }

    @ParameterizedTest
    @MethodSource("excerpts")
    void an_excerpt_stands_in_the_code(Block excerpt) throws IOException {
        List<String> sources = new ArrayList<>();
        try (Stream<Path> files = Stream.concat(Files.list(TOY), Stream.of(PROTOCOLS))) {
            for (Path file : files.toList()) {
                sources.add(withoutIndent(Files.readString(file)));
            }
        }
        assertThat(sources).as(excerpt.text()).anyMatch(source -> source.contains(withoutIndent(excerpt.text())));
    }

    @Test
    void there_are_excerpts_of_both_kinds() throws IOException {
        assertThat(excerpts().map(Block::language)).contains("java", "yaml").hasSizeGreaterThan(9);
    }

    /** The lines without the white space around them. */
    private static String withoutIndent(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n", "\n", "\n"));
    }
}
