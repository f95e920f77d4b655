package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.bactrian.testing.Folders;
import io.bactrian.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The folder that an archive unpacks to, and its command {@code bin/bactrian}. */
final class ArchiveIT {
    private static final Path ROOT = Folders.temporary("bactrian-archive").resolve("bactrian 1");
    private static final Path COMMAND = ROOT.resolve("bin/bactrian");

    @Test
    void from_any_folder_and_through_a_link_it_runs_with_the_files_of_the_archive_and_ends_at_a_sigterm()
            throws Exception {
        Path link = Folders.temporary("bactrian-link").resolve("gateway");
        Files.createSymbolicLink(link, COMMAND);
        try (Program program =
                Program.with("bactrian.chains.default=elsewhere/m").script(link).run()) {
            assertThat(get(program.uri("/status"))).contains("\"of-the-archive\"");
            program.terminate();
            assertThat(program.exitCode()).isZero();
            assertThat(program.out()).contains("Stopped");
        }
    }

    @Test
    void bactrian_home_has_the_configuration_instead() throws Exception {
        Program.Setup elsewhere = Program.with("camel.server.port=0", "bactrian.chains.of-the-home=anthropic/m");
        try (Program program = Program.with()
                .script(COMMAND)
                .variable("BACTRIAN_HOME", elsewhere.directory().toString())
                .run()) {
            assertThat(get(program.uri("/status"))).contains("\"of-the-home\"").doesNotContain("of-the-archive");
            assertThat(program.out()).doesNotContain("bactrian.home");
        }
    }

    @Test
    void arguments_exit_codes_and_components_are_those_of_the_program() throws IOException {
        Program.Setup home = Program.with("bactrian.chains.default=no-such-target");
        Files.createDirectory(home.directory().resolve("components"));
        try (Program program = Program.with()
                .script(COMMAND)
                .variable("BACTRIAN_HOME", home.directory().toString())
                .run("--check")) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).contains("bactrian.chains.default");
        }
        try (Program program = Program.with().script(COMMAND).run("--version")) {
            assertThat(program.exitCode()).isZero();
            assertThat(program.out()).matches("Bactrian \\d+\\.\\d+\\.\\d+.*, Java \\d+.*");
        }
    }

    @Test
    void a_java_that_is_too_old_or_missing_and_a_home_that_is_none_are_told_in_one_line() throws IOException {
        Path old = Folders.temporary("bactrian-java");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
        Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\nexit 9\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Path tools = toolsWithoutJava();

        assertThat(refusal("JAVA_HOME", old, tools))
                .isEqualTo("bactrian: Java 21 or newer is needed. Set JAVA_HOME to one, or put its java on the PATH;"
                        + " JAVA_HOME (" + old + ") is Java 17");
        assertThat(refusal("JAVA_HOME", tools, tools)).endsWith("; JAVA_HOME (" + tools + ") has no bin/java");
        assertThat(refusal("BACTRIAN_HOME", java, Path.of("/usr/bin")))
                .isEqualTo("bactrian: BACTRIAN_HOME = " + java + ": not a folder that can be entered");
    }

    @BeforeAll
    static void unpack() throws IOException {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"));
        Path target = Path.of("target");
        Files.createDirectories(ROOT.resolve("bin"));
        Files.createDirectories(ROOT.resolve("lib"));
        Files.copy(Path.of("deploy/archive/bin/bactrian"), COMMAND, StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(target.resolve("bactrian.jar"), ROOT.resolve("bactrian.jar"));
        try (Stream<Path> jars = Files.list(target.resolve("lib"))) {
            for (Path jar : jars.toList()) {
                Files.createSymbolicLink(ROOT.resolve("lib").resolve(jar.getFileName()), jar.toAbsolutePath());
            }
        }
        Files.write(
                ROOT.resolve("application.properties"),
                List.of("camel.server.port=0", "bactrian.chains.of-the-archive=anthropic/m"));
    }

    /** A folder with the programs that the command uses, and no Java. */
    private static Path toolsWithoutJava() throws IOException {
        Path tools = Folders.temporary("bactrian-tools");
        for (String tool : List.of("dirname", "readlink", "sed")) {
            Files.createSymbolicLink(
                    tools.resolve(tool),
                    Stream.of("/usr/bin", "/bin")
                            .map(folder -> Path.of(folder, tool))
                            .filter(Files::exists)
                            .findFirst()
                            .orElseThrow());
        }
        return tools;
    }

    private static String refusal(String variable, Path value, Path path) {
        Program.Setup setup = Program.with().script(COMMAND).variable("PATH", path.toString());
        try (Program program = setup.variable(variable, value.toString()).run()) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.out()).isEmpty();
            return program.err();
        }
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
