package io.bactrian.behaviour;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the README's section on graded fallback says, done: each configuration runs in demo and shows what stands below it. */
final class ReadmeIT {
    private static final Pattern BLOCK = Pattern.compile("```(properties|sh|text)\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    static Stream<Arguments> examples() throws IOException {
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf("## Graded fallback\n"));
        section = section.substring(0, section.indexOf("\n## "));
        String functions = blocks(section.substring(0, section.indexOf("\n### ")), "sh");
        List<Arguments> examples = new ArrayList<>();
        for (String part : section.split("\n### ")) {
            if (part.contains("```properties")) {
                String title = part.lines().findFirst().orElseThrow();
                examples.add(Arguments.of(
                        title, blocks(part, "properties"), functions + blocks(part, "sh"), blocks(part, "text")));
            }
        }
        assertThat(examples).hasSizeGreaterThan(10);
        return examples.stream();
    }

    private static String blocks(String text, String kind) {
        Matcher block = BLOCK.matcher(text);
        StringBuilder found = new StringBuilder();
        while (block.find()) {
            found.append(block.group(1).equals(kind) ? block.group(2) : "");
        }
        return found.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("examples")
    void it_does_what_the_readme_says(String title, String properties, String commands, String shown)
            throws IOException, InterruptedException {
        Files.writeString(directory.resolve("application.properties"), "camel.server.port=0\n" + properties);
        try (Gateway gateway = Gateway.in(directory, Duration.ofMillis(200))) {
            String output = run(commands.replace("localhost:8080", "127.0.0.1:" + gateway.port()));
            shown.lines().forEach(line -> assertThat(output.lines())
                    .as("%s: %s", line, output)
                    .anyMatch(told -> like(line).matcher(told).find()));
        }
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
