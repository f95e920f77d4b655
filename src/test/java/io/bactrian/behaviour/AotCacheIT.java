package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bactrian.testing.Folders;
import io.bactrian.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The AOT cache that the build makes: it fits the jar beside it. */
final class AotCacheIT {
    private static final Path CACHE = Path.of("target/bactrian.aot").toAbsolutePath();

    /** With this mode Java ends if the cache does not fit; usually it goes on without. */
    private static final String NO_START_WITHOUT = "-XX:AOTMode=on";

    @BeforeEach
    void where_the_build_makes_one() {
        assumeTrue(Runtime.version().feature() >= 25, "Java 25 or newer makes the cache");
        assumeTrue(!Boolean.getBoolean("aot.skip"), "the build was told to make none");
    }

    @Test
    void the_jar_starts_with_the_cache_of_the_build_and_answers() throws Exception {
        try (Program program = Program.with("camel.server.port=0")
                .option("-XX:AOTCache=" + CACHE)
                .option(NO_START_WITHOUT)
                .run()) {
            assertThat(ask(program.uri("/v1/chat/completions"))).contains("\"object\":\"chat.completion\"");
            program.terminate();
            assertThat(program.exitCode()).isZero();
        }
    }

    @Test
    void a_cache_that_fits_is_not_made_again_and_one_that_cannot_be_written_is_told() throws IOException {
        Path fits = Files.copy(CACHE, Folders.temporary("bactrian-aot").resolve("fits.aot"));
        try (Program again = Program.with().run("--train", fits.toString())) {
            assertThat(again.exitCode()).as(again.err()).isZero();
            assertThat(again.out()).contains("fits already: -XX:AOTCache=" + fits);
        }
        Path nowhere = fits.resolve("cache.aot");
        try (Program failed = Program.with().run("--train", nowhere.toString())) {
            assertThat(failed.exitCode()).isEqualTo(1);
            assertThat(failed.err()).contains("No AOT cache: the file " + nowhere + " cannot be written");
        }
    }

    @Test
    void an_option_in_the_place_of_the_file_is_a_mistake() {
        try (Program program = Program.with().run("--train", "--check")) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).isEqualTo("usage: java -jar bactrian.jar --train [file]");
        }
    }

    private static String ask(URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
