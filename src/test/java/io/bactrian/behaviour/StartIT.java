package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Ports;
import io.bactrian.testing.Program;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as it is built: how it starts, refuses to start, and stops. */
final class StartIT {
    private static final String ASK = "{\"model\":\"default\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    private static final Path OLD_JAVA = Path.of("/usr/lib/jvm/java-17-openjdk-amd64/bin/java");

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    @Test
    void without_any_key_it_prints_three_commands_that_work() throws Exception {
        try (Program program = Program.with("camel.server.port=0").run()) {
            URI chat = program.uri("/v1/chat/completions");
            assertThat(answer(post(chat, ASK))).startsWith("Hello! This answer comes from a simulated provider");
            System.out.println(
                    "From start to the first whole answer: " + program.age().toMillis() + " ms");

            await().until(() -> commands(program).size() == 3);
            List<String> commands = commands(program);
            assertThat(commands).allMatch(c -> c.contains("http://127.0.0.1:" + chat.getPort() + "/"));
            assumeThat(Path.of("/usr/bin/curl")).exists();
            assertThat(curl(commands.get(0))).contains("\"object\":\"chat.completion\"", "Are you there?");
            assertThat(curl(commands.get(1))).startsWith("data: {").contains("chat.completion.chunk", "data: [DONE]");
            assertThat(curl(commands.get(2))).contains("\"anthropic\":\"503\"");
            assertThat(curl(commands.get(0) + " -i"))
                    .contains("x-bactrian-target: openai/gpt-6.1-terra", "Are you there?");
            assertThat(program.err()).doesNotContain("Exception");
        }
    }

    @Test
    void it_starts_where_java_leaves_signals_to_the_system() {
        try (Program program =
                Program.with("camel.server.port=0").option("-Xrs").run()) {
            assertThat(program.uri("/").getPort()).isPositive();
        }
    }

    @Test
    void the_folder_may_be_empty_and_the_command_line_and_the_environment_beat_the_file() {
        int port = Ports.free();
        try (Program program = Program.with(
                        "camel.server.port=1",
                        "bactrian.providers.anthropic.api=anthropic",
                        "bactrian.providers.anthropic.base-url=https://api.anthropic.com/v1",
                        "bactrian.providers.openai.base-url=https://api.openai.com/v1",
                        "bactrian.providers.groq.base-url=https://api.groq.com/openai/v1",
                        "bactrian.chains.default=anthropic/in-the-file",
                        "bactrian.chains.second=anthropic/in-the-file",
                        "bactrian.chains.third=anthropic/in-the-file")
                .variable("CAMEL_SERVER_PORT", Integer.toString(port))
                .variable("BACTRIAN_CHAINS_DEFAULT", "groq/in-the-environment")
                .variable("BACTRIAN_CHAINS_SECOND", "groq/in-the-environment")
                .option("-Dbactrian.chains.second=openai/on-the-command-line")
                .run()) {
            assertThat(program.uri("/").getPort()).isEqualTo(port);
            JsonNode chains = Json.parse(get(program.uri("/status")).body()).path("chains");
            assertThat(chains.path("default").path(0).asText()).isEqualTo("groq/in-the-environment");
            assertThat(chains.path("second").path(0).asText()).isEqualTo("openai/on-the-command-line");
            assertThat(chains.path("third").path(0).asText()).isEqualTo("anthropic/in-the-file");
        }
        try (Program program = Program.with().option("-Dcamel.server.port=0").run()) {
            assertThat(get(program.uri("/health/ready")).statusCode()).isEqualTo(200);
            assertThat(Json.parse(get(program.uri("/status")).body())
                            .path("chains")
                            .path("default"))
                    .hasSize(3);
        }
    }

    @Test
    void all_mistakes_are_told_at_once_and_nothing_listens() {
        int port = Ports.free();
        try (Program program = Program.with(
                        "camel.server.port=" + port,
                        "bactrian.providers.p.base-ulr=https://example.com/v1",
                        "bactrian.providers.q.base-url=no url at all",
                        "bactrian.providers.q.keyless=true",
                        "bactrian.providers.r.base-url=https://example.com/v1",
                        "bactrian.providers.r.api-key={{env:NOT_SET_ANYWHERE}}",
                        "bactrian.defaults.deadline=-3s",
                        "bactrian.chains.mine=nobody, q/model",
                        "bactrian.targets.t.quality=11")
                .run()) {
            while (program.runs()) {
                assertThatIOException().isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
            }
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.errLines().getFirst()).matches("\\d+ mistakes in the configuration:");
            assertThat(program.err())
                    .contains(
                            "bactrian.providers.p.base-ulr: no such key; the nearest is bactrian.providers.p.base-url")
                    .contains("bactrian.providers.q.base-url = no url at all: an http or https URL")
                    .contains("bactrian.providers.r.api-key: a placeholder has no value")
                    .contains("bactrian.defaults.deadline = -3s")
                    .contains("bactrian.chains.mine", "nobody")
                    .contains("bactrian.targets.t.quality = 11")
                    .doesNotContain("Exception", "\tat ");
            assertThat(program.errLines().stream().filter(l -> l.contains("bactrian.defaults.deadline")))
                    .hasSize(1);
            assertThat(program.out()).doesNotContain("listens");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bactrian.demo=on           | --check | 0 | The configuration is good.",
                "bactrian.defaults.idle-timeout=soon | --check | 2 | bactrian.defaults.idle-timeout = soon",
                "bactrian.demo=on           | --chekc | 2 | usage: java -jar bactrian.jar [--check",
            })
    void an_option_checks_the_configuration_and_any_other_is_answered_with_the_usage(
            String line, String arguments, int exitCode, String words) {
        try (Program program = Program.with("camel.server.port=0", line).run(arguments.split(" "))) {
            assertThat(program.exitCode()).isEqualTo(exitCode);
            assertThat(exitCode == 0 ? program.out() : program.err()).contains(words);
            assertThat(program.out()).doesNotContain("listens");
        }
    }

    @Test
    void no_folder_need_be_writable() {
        // Tests may run as root, who may write anywhere but below a file.
        try (Program program = Program.with("camel.server.port=0")
                .option("-Djava.io.tmpdir=/dev/null/tmp")
                .run()) {
            assertThat(answer(post(program.uri("/v1/chat/completions"), ASK))).startsWith("Hello!");
            assertThat(get(program.uri("/status")).statusCode()).isEqualTo(200);
            assertThat(program.out() + program.err()).doesNotContain("Exception", "ERROR", "\tat ");
        }
    }

    @Test
    void own_routes_beat_the_built_in_ones() throws IOException {
        Program.Setup setup = Program.with("camel.server.port=0");
        own(setup, "status.camel.yaml", "platform-http:/health/live", "platform-http:/health/alive");
        try (Program program = setup.run()) {
            assertThat(get(program.uri("/health/alive")).statusCode()).isEqualTo(200);
            assertThat(get(program.uri("/health/live")).statusCode()).isNotEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uri: direct:next | uri: [  | ''",
                "process:         | proces: | ''",
                "ref: bactrian-plan | ref: nobody | ''",
                "ref: bactrian-plan | ref: nobody | --check"
            })
    void a_broken_route_is_named(String right, String wrong, String argument) throws IOException {
        Program.Setup setup = Program.with("camel.server.port=0");
        own(setup, "chat.camel.yaml", right, wrong);
        try (Program program = setup.run(argument.isEmpty() ? new String[0] : new String[] {argument})) {
            assertThat(program.exitCode()).isEqualTo(2);
            assertThat(program.err()).contains("chat.camel.yaml").doesNotContain("\tat ");
            assertThat(program.out()).doesNotContain("listens");
        }
    }

    @Test
    void a_port_that_is_taken_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program = Program.with("camel.server.port=" + taken.getLocalPort())
                        .run()) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.errLines().getLast())
                    .startsWith("Cannot start: ")
                    .contains(Integer.toString(taken.getLocalPort()));
            assertThat(program.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void of_two_starts_on_one_port_one_ends_with_one_line() {
        int port = Ports.free();
        Program.Setup first = Program.with("bactrian.demo=on", "camel.server.port=" + port);
        Program.Setup second = Program.with("bactrian.demo=on", "camel.server.port=" + port);
        try (Program one = first.run();
                Program other = second.run()) {
            await().atMost(Duration.ofSeconds(40)).until(() -> !one.runs() || !other.runs());
            Program loser = one.runs() ? other : one;
            Program winner = one.runs() ? one : other;
            assertThat(loser.exitCode()).isEqualTo(1);
            // Newer versions of Java warn of a library.
            assertThat(loser.errLines().stream().filter(line -> !line.startsWith("WARNING: ")))
                    .singleElement()
                    .asString()
                    .startsWith("Cannot start: cannot listen on 127.0.0.1:" + port);
            assertThat(loser.out()).doesNotContain("Bactrian listens", "\tat ");
            assertThat(winner.uri("/health/ready").getPort()).isEqualTo(port);
            assertThat(get(winner.uri("/health/ready")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void a_management_port_that_is_taken_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Program program = Program.with(
                                "bactrian.demo=on",
                                "camel.server.port=0",
                                "camel.management.enabled=true",
                                "camel.management.host=127.0.0.1",
                                "camel.management.port=" + taken.getLocalPort())
                        .run()) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.errLines().getLast())
                    .startsWith("Cannot start: ")
                    .contains(Integer.toString(taken.getLocalPort()));
            assertThat(program.err() + program.out()).doesNotContain("\tat ");
        }
    }

    @Test
    void on_sigterm_what_is_in_flight_is_finished() {
        try (StubProvider p = StubProvider.openai()) {
            p.on(call -> call.text().contains("as a stream")
                    ? Reply.text("one two three four five six seven eight nine ten")
                            .everyToken(Duration.ofMillis(200))
                    : Reply.text("late but whole").delayed(Duration.ofMillis(1500)));
            try (Program program = Program.with(
                            "camel.server.port=0",
                            "bactrian.health.period=0s",
                            "bactrian.providers.p.base-url=" + p.baseUrl(),
                            "bactrian.providers.p.keyless=true",
                            "bactrian.defaults.upstream-streaming=off",
                            "bactrian.chains.default=p/m")
                    .run()) {
                URI chat = program.uri("/v1/chat/completions");
                CompletableFuture<HttpResponse<byte[]>> document =
                        client.sendAsync(request(chat, ASK), HttpResponse.BodyHandlers.ofByteArray());
                CompletableFuture<HttpResponse<byte[]>> stream = client.sendAsync(
                        request(chat, ASK.replace("Hi\"", "as a stream\"").replace("}]}", "}],\"stream\":true}")),
                        HttpResponse.BodyHandlers.ofByteArray());
                await().until(() -> p.calls().size() == 2);

                long asked = System.nanoTime();
                program.terminate();

                await().until(() -> get(program.uri("/health/ready")).statusCode() == 503);
                assertThat(get(program.uri("/health/live")).statusCode()).isEqualTo(200);
                assertThat(document.join().statusCode()).isEqualTo(200);
                assertThat(answer(document.join())).isEqualTo("late but whole");
                assertThat(new String(stream.join().body(), StandardCharsets.UTF_8))
                        .contains(" ten", "\"stop\"", "data: [DONE]");
                assertThat(program.exitCode()).isZero();
                assertThat(Duration.ofNanos(System.nanoTime() - asked))
                        .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(10));
                assertThat(program.out()).contains("Stopping: requests in flight are finished");
                assertThat(program.out() + program.err()).doesNotContain("Exception", "\tat ");
            }
        }
    }

    @Test
    void an_old_java_is_told_which_one_is_needed() {
        assumeThat(OLD_JAVA).exists();
        try (Program program =
                Program.with("camel.server.port=0").java(OLD_JAVA).run()) {
            assertThat(program.exitCode()).isEqualTo(1);
            assertThat(program.errLines()).hasSize(1);
            assertThat(program.err()).startsWith("Bactrian needs Java 21 or newer; this is Java 17");
            assertThat(program.out()).isEmpty();
        }
    }

    /** Puts the routes of this repository into the folder, one of them changed. */
    private static void own(Program.Setup setup, String file, String was, String is) throws IOException {
        try (var routes = Files.list(Path.of("routes"))) {
            for (Path route : routes.toList()) {
                String text = Files.readString(route);
                String name = route.getFileName().toString();
                assertThat(!name.equals(file) || text.contains(was)).isTrue();
                setup.file("routes/" + name, name.equals(file) ? text.replace(was, is) : text);
            }
        }
    }

    private static List<String> commands(Program program) {
        return program.out().lines().filter(l -> l.startsWith("curl ")).toList();
    }

    private static String curl(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("bash", "-c", command + " -sS --noproxy '*' --max-time 30")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static HttpRequest request(URI uri, String body) {
        return HttpRequest.newBuilder(uri)
                .timeout(Duration.ofSeconds(30))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<byte[]> post(URI uri, String body) {
        return client.sendAsync(request(uri, body), HttpResponse.BodyHandlers.ofByteArray())
                .join();
    }

    private HttpResponse<byte[]> get(URI uri) {
        return client.sendAsync(
                        HttpRequest.newBuilder(uri)
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .join();
    }

    private static String answer(HttpResponse<byte[]> response) {
        return Json.parse(response.body())
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asText();
    }
}
