package io.bactrian.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A page of the documentation: its sections with their code blocks, its headings and its links. Immutable. */
public record MarkdownPage(Path file, List<Section> sections) {
    private static final String FENCE = "```";
    private static final Pattern HEADING = Pattern.compile("#{1,6} (.+)");
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern INLINE_CODE = Pattern.compile("`[^`]*`");

    public MarkdownPage {
        sections = List.copyOf(sections);
    }

    /**
     * A heading and what stands below it, up to the next heading of any level.
     *
     * @param heading empty for what stands before the first one
     * @param prose the lines outside of code blocks
     */
    public record Section(String heading, List<String> prose, List<Block> blocks) {
        public Section {
            prose = List.copyOf(prose);
            blocks = List.copyOf(blocks);
        }

        /** The text of all code blocks in this language, empty if there is none. */
        public String code(String language) {
            return blocks.stream()
                    .filter(block -> block.language().equals(language))
                    .map(Block::text)
                    .collect(Collectors.joining());
        }
    }

    /** A code block between fences. */
    public record Block(String language, String text) {}

    /** Reads a page. */
    public static MarkdownPage read(Path file) throws IOException {
        List<Section> sections = new ArrayList<>();
        String heading = "";
        List<String> prose = new ArrayList<>();
        List<Block> blocks = new ArrayList<>();
        String language = null;
        StringBuilder code = new StringBuilder();
        for (String line : Files.readAllLines(file)) {
            Matcher title = HEADING.matcher(line);
            if (language != null && line.startsWith(FENCE)) {
                blocks.add(new Block(language, code.toString()));
                language = null;
                code.setLength(0);
            } else if (language != null) {
                code.append(line).append('\n');
            } else if (line.startsWith(FENCE)) {
                language = line.substring(FENCE.length()).strip();
            } else if (title.matches()) {
                sections.add(new Section(heading, prose, blocks));
                heading = title.group(1).strip();
                prose = new ArrayList<>();
                blocks = new ArrayList<>();
            } else {
                prose.add(line);
            }
        }
        sections.add(new Section(heading, prose, blocks));
        return new MarkdownPage(file, sections);
    }

    /** The targets of all links, as written. */
    public List<String> links() {
        return sections.stream()
                .flatMap(section -> section.prose().stream())
                .flatMap(line ->
                        LINK.matcher(INLINE_CODE.matcher(line).replaceAll("")).results())
                .map(link -> link.group(1))
                .toList();
    }

    /** The names by which links lead to the headings, as GitHub makes them. */
    public List<String> anchors() {
        return sections.stream()
                .map(section -> section.heading()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
