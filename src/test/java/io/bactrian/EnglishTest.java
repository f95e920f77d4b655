package io.bactrian;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rules for the language of the sources: documents that define, package documents of a fixed size, and banned words. */
final class EnglishTest {
    private static final Path MAIN = Path.of("src/main/java/io/bactrian");

    /** The files and folders that are checked, with everything below them. */
    private static final List<Path> CHECKED = List.of(MAIN, Path.of("routes"), Path.of("application.properties"));

    /** Files below these folders that are not checked yet. */
    private static final List<Path> EXCEPT = List.of();

    private static final List<String> BANNED_WORDS =
            List.of("nobody", "whoever", "somebody", "anybody", "everybody", "heeded", "for want of", "the house");

    private static final int MIN_PACKAGE_LINES = 4;
    private static final int MAX_PACKAGE_LINES = 8;

    private static final Pattern QUESTION =
            Pattern.compile("(?:What|Who|How|Where|Whether|Which|When|Why)\\b.*", Pattern.DOTALL);

    /** A document (group 1) and the beginning of the declaration after it, annotations included. */
    private static final Pattern CLASS_DOCUMENT = Pattern.compile("/\\*\\*([^*]*+(?:\\*(?!/)[^*]*+)*+)\\*/\\s*+"
            + "(?:@[\\w.]++(?:\\([^)]*+\\))?+\\s++)*+"
            + "(?:(?:public|protected|private|abstract|static|final|sealed|non-sealed|strictfp)\\s++)*+"
            + "(?:class|record|interface|enum|@interface|package)\\s");

    @Test
    void documents_of_classes_and_packages_define_what_they_document() {
        List<String> findings = new ArrayList<>();
        for (Path file : checked(path -> path.toString().endsWith(".java"))) {
            String text = read(file);
            Matcher document = CLASS_DOCUMENT.matcher(text);
            while (document.find()) {
                String first = lines(document.group(1)).findFirst().orElse("");
                if (QUESTION.matcher(first).matches()) {
                    findings.add(at(file, text, document.start()) + ": " + first);
                }
            }
        }
        assertThat(findings).as("documents that open with a question word").isEmpty();
    }

    @Test
    void package_documents_have_four_to_eight_lines() {
        List<String> findings = new ArrayList<>();
        for (Path file : checked(path -> path.endsWith("package-info.java"))) {
            String text = read(file);
            Matcher document = CLASS_DOCUMENT.matcher(text);
            long count = document.find() ? lines(document.group(1)).count() : 0;
            if (count < MIN_PACKAGE_LINES || count > MAX_PACKAGE_LINES) {
                findings.add(at(file, text, 0) + ": " + count + " lines of text");
            }
        }
        assertThat(findings)
                .as("package documents that are too short or too long")
                .isEmpty();
    }

    @Test
    void banned_words_are_not_used() {
        List<String> findings = new ArrayList<>();
        for (Path file : checked(path -> true)) {
            String text = read(file);
            for (String word : BANNED_WORDS) {
                // A comment may continue on the next line in the middle of a phrase.
                Pattern phrase = Pattern.compile(word.replace(" ", "[\\s*#/]+"), Pattern.CASE_INSENSITIVE);
                Matcher matcher = phrase.matcher(text);
                while (matcher.find()) {
                    findings.add(at(file, text, matcher.start()) + ": " + word);
                }
            }
        }
        assertThat(findings).as("uses of banned words").isEmpty();
    }

    @Test
    void names_of_classes_occur_once() {
        Map<String, List<Path>> byName = files(MAIN)
                .filter(path -> path.toString().endsWith(".java") && !path.endsWith("package-info.java"))
                .collect(groupingBy(path -> path.getFileName().toString(), TreeMap::new, toList()));
        byName.values().removeIf(paths -> paths.size() == 1);
        assertThat(byName).as("classes with the same simple name").isEmpty();
    }

    private static List<Path> checked(Predicate<Path> which) {
        List<Path> files = CHECKED.stream()
                .flatMap(EnglishTest::files)
                .filter(path -> which.test(path) && !EXCEPT.contains(path))
                .toList();
        assertThat(files).isNotEmpty();
        return files;
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines of a document that have text. */
    private static Stream<String> lines(String document) {
        return document.lines()
                .map(line -> line.replaceFirst("^[\\s*]+", "").strip())
                .filter(line -> !line.isEmpty());
    }

    private static String at(Path file, String text, int index) {
        return file + ":"
                + (1 + text.substring(0, index).chars().filter(c -> c == '\n').count());
    }
}
