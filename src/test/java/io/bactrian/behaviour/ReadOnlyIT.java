package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The program where no folder can be written to. Tests may run as root, who may write anywhere but below a file. */
final class ReadOnlyIT {
    private static final String NO_TEMPORARY_FOLDER = "-Djava.io.tmpdir=/dev/null/tmp";
    private static final String NO_QUEUE = "There is no queue: cannot write to the folder /dev/null/data";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() {
        client.close();
    }

    @Test
    void it_answers_streams_shows_its_page_reloads_and_stops() throws Exception {
        Program.Setup setup = Program.with("camel.server.port=0", "bactrian.queue.directory=/dev/null/data");
        try (Program program = setup.option(NO_TEMPORARY_FOLDER).run()) {
            URI chat = program.uri("/v1/chat/completions");

            assertThat(post(chat, question("default", "Hi"))).contains("\"object\":\"chat.completion\"");
            assertThat(post(chat, question("default", "x".repeat(2_000_000))))
                    .contains("\"object\":\"chat.completion\"");
            assertThat(post(chat, question("default", "Hi").replace("]}", "],\"stream\":true}")))
                    .contains("data: [DONE]");
            assertThat(page(program.uri("/"))).contains("<title>");
            assertThat(page(program.uri("/page/page.css"))).contains("{");
            assertThat(post(chat, question("later", "Hi"))).contains("model_not_found");

            Path file = setup.directory().resolve("application.properties");
            Files.writeString(file, "\nbactrian.aliases=later:default\n", StandardOpenOption.APPEND);
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(post(chat, question("later", "Hi")))
                    .contains("\"object\":\"chat.completion\""));

            program.terminate();
            assertThat(program.exitCode()).isZero();
            assertThat(program.out() + program.err()).doesNotContain("ERROR", "\tat ", "mistake");
        }
    }

    @Test
    void a_folder_that_it_needs_is_named_with_its_property_and_what_to_do() {
        try (Program program = Program.with(
                        "camel.server.port=0",
                        "bactrian.queue.directory=/dev/null/data",
                        "bactrian.stale.store=jdbc:h2:/dev/null/stale",
                        "bactrian.chains.default=anthropic/claude-sonnet-5-5, stale")
                .option(NO_TEMPORARY_FOLDER)
                .run()) {
            program.uri("/");
            for (List<String> words : List.of(
                    List.of(NO_QUEUE, "allow it, or set bactrian.queue.directory to another"),
                    List.of(
                            "the queue's answers",
                            "the folder /dev/null/data; allow it, or set bactrian.queue.directory"),
                    List.of("the stale step", "the folder /dev/null; allow it, or set bactrian.stale.store"))) {
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(program.out().lines())
                                .anySatisfy(line -> assertThat(line).contains(words)));
            }
        }
    }

    private static String question(String model, String words) {
        return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}".formatted(model, words);
    }

    private String post(URI uri, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private String page(URI uri) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri).header("Accept", "text/html"));
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.timeout(Duration.ofSeconds(30)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
