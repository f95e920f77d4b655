package io.bactrian.protocol.toy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.config.Api;
import io.bactrian.protocol.Json;
import io.bactrian.runtime.Application;
import io.bactrian.runtime.Protocols;
import io.bactrian.testing.Reply;
import io.bactrian.testing.ResponseBody;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The gateway with a protocol that it does not come with: callers and providers of the toy protocol, with each other and with
 * those of the others. No class outside of this folder knows the toy.
 */
final class ToyProtocolIT {
    private static final Path FOLDER = Path.of("src/test/java/io/bactrian/protocol/toy");
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String WORDS = "One two three four five six.";

    @TempDir
    private Path directory;

    private final ToyServer toy = new ToyServer();
    private Other other;
    private StubProvider stub;
    private Application gateway;

    @Test
    void a_document_of_the_same_protocol_passes_as_it_came() throws Exception {
        start(Other.OPENAI);
        String answer = "{ \"said\":\"Hi.\" ,\"ended\":\"whole\", \"more\": [1.50] }";
        toy.on(request -> new ToyServer.Reply(200, "application/json", answer));

        HttpResponse<String> response = post("/toy", "{ \"ask\" : \"Hi\", \"model\": \"toy\", \"own\":  2.0 }");

        assertThat(toy.lastBody()).isEqualTo("{\"ask\" : \"Hi\",\"model\":\"toy-1\",\"own\":  2.0}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(answer);
        assertThat(attempts(response)).isEqualTo("toy=OK");
    }

    @Test
    void a_stream_of_the_same_protocol_passes_as_it_came() throws Exception {
        start(Other.OPENAI);
        toy.on(request -> ToyServer.Reply.events("""
            data: { "say":"Hi." ,"more":1.50 }

            data: {"ended":"whole"}

            """));

        HttpResponse<String> response = post("/toy", "{\"model\":\"toy\",\"ask\":\"Hi\",\"stream\":true}");

        assertThat(data(response)).containsExactly("{ \"say\":\"Hi.\" ,\"more\":1.50 }", "{\"ended\":\"whole\"}");
    }

    @ParameterizedTest
    @EnumSource
    void a_toy_caller_is_answered_by_a_provider_of_another_protocol(Other by) throws Exception {
        start(by);
        stub.answers(Reply.text(WORDS));

        HttpResponse<String> document = post("/toy", """
            {"model":"other","rules":"Be brief.","turns":[{"asked":"Hi","said":"Hello"}],"ask":"And?","limit":50}\
            """);
        HttpResponse<String> stream = post("/toy", "{\"model\":\"other\",\"ask\":\"Hi\",\"stream\":true}");

        assertThat(stub.call(1).text()).contains("Be brief.", "Hello", "And?", "50");
        assertThat(json(document).path("said").asText()).isEqualTo(WORDS);
        assertThat(json(document).path("ended").asText()).isEqualTo("whole");
        assertThat(json(document).at("/spent/read").asInt()).isEqualTo(20);
        assertThat(said(stream)).isEqualTo(WORDS);
        assertThat(events(stream).getLast().path("ended").asText()).isEqualTo("whole");
        assertThat(events(stream).getLast().at("/spent/read").asInt()).isEqualTo(20);
    }

    @ParameterizedTest
    @EnumSource
    void a_caller_of_another_protocol_is_answered_by_a_toy_provider(Other caller) throws Exception {
        start(caller);
        toy.says(WORDS);

        HttpResponse<String> document = post(caller.path, messages("toy", false));
        JsonNode asked = toy.lastRequest();
        HttpResponse<String> stream = post(caller.path, messages("toy", true));

        assertThat(asked.at("/turns/0/asked").asText()).isEqualTo("Hi");
        assertThat(asked.at("/turns/0/said").asText()).isEqualTo("Hello");
        assertThat(asked.path("ask").asText()).isEqualTo("And?");
        assertThat(asked.path("limit").asInt()).isEqualTo(50);
        for (HttpResponse<String> answer : List.of(document, stream)) {
            assertThat(caller.words(answer)).isEqualTo(WORDS);
            assertThat(caller.isWhole(answer)).as(answer.body()).isTrue();
            assertThat(answer.body()).containsPattern("(prompt|input)_tokens\":20");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_toy_stream_that_broke_is_finished_by_a_provider_of_another_protocol(Other by) throws Exception {
        start(by);
        toy.on(request -> ToyServer.Reply.breaksAfter("One two three "));
        stub.answers(Reply.text("four five six."));

        HttpResponse<String> response =
                post("/toy", "{\"model\":\"default\",\"ask\":\"Count\",\"stream\":true,\"limit\":50}");

        assertThat(said(response)).isEqualTo(WORDS);
        assertThat(events(response).getLast().path("ended").asText()).isEqualTo("whole");
        assertThat(response.body()).contains(": bactrian rescued by other (continue)");
        assertThat(stub.lastCall().text()).contains("One two three", "Go on exactly where");
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_of_another_protocol_that_broke_is_finished_by_a_toy_provider(Other caller) throws Exception {
        start(caller);
        stub.answers(Reply.text(WORDS).cutAfter(3));
        toy.says(" four five six.");

        HttpResponse<String> response = post(caller.path, messages("reverse", true));

        assertThat(caller.words(response)).as(response.body()).isEqualTo(WORDS);
        assertThat(caller.isWhole(response)).isTrue();
        assertThat(response.body()).contains(": bactrian rescued by toy (prefill)");
        assertThat(toy.lastRequest().path("begun").asText()).isEqualTo("One two three");
    }

    @Test
    void a_toy_stream_that_broke_is_finished_by_another_toy_provider() throws Exception {
        start(
                Other.OPENAI,
                "bactrian.targets.second.provider=t",
                "bactrian.targets.second.model=toy-2",
                "bactrian.chains.toys=toy, second");
        toy.on(request -> request.path("model").asText().equals("toy-1")
                ? ToyServer.Reply.breaksAfter("One two three ")
                : ToyServer.Reply.says("four five six.", request));

        HttpResponse<String> response = post("/toy", "{\"model\":\"toys\",\"ask\":\"Count\",\"stream\":true}");

        assertThat(said(response)).isEqualTo(WORDS);
        assertThat(toy.lastRequest().path("ask").asText()).startsWith("Go on exactly where");
        assertThat(toy.lastRequest().at("/turns/0/said").asText()).isEqualTo("One two three");
    }

    @Test
    void an_error_event_of_the_toy_before_any_content_leads_to_the_next_target() throws Exception {
        start(Other.OPENAI);
        toy.on(request -> ToyServer.Reply.events("data: {\"failed\":\"too busy\"}\n\n"));
        stub.answers(Reply.text(WORDS));

        HttpResponse<String> response = post("/toy", "{\"ask\":\"Hi\",\"stream\":true}");

        assertThat(said(response)).isEqualTo(WORDS);
        assertThat(attempts(response)).isEqualTo("toy=OVERLOADED, other=OK");
    }

    @Test
    void when_every_target_fails_the_error_has_the_toys_format_and_status() throws Exception {
        start(Other.OPENAI);
        toy.on(request -> ToyServer.Reply.fails(503, "busy"));
        stub.answers(Reply.error(503, "server_error", null, "down"));

        HttpResponse<String> response = post("/toy", "{\"ask\":\"Hi\"}");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(json(response).path("code").asText()).isEqualTo("all_providers_failed");
        assertThat(json(response).path("failed").asText()).startsWith("No provider could answer.");
        assertThat(json(response).at("/attempts/0/target").asText()).isEqualTo("toy");
        assertThat(json(response).at("/attempts/1/target").asText()).isEqualTo("other");
    }

    @Test
    void a_stream_that_no_target_can_finish_ends_with_an_error_event_of_the_toy() throws Exception {
        start(Other.OPENAI);
        toy.on(request -> ToyServer.Reply.breaksAfter("One two "));
        stub.answers(Reply.error(500, "server_error", null, "down"));

        ResponseBody body = new ResponseBody();
        boolean whole = body.read(CLIENT, request("/toy", "{\"ask\":\"Hi\",\"stream\":true}"));

        assertThat(whole).isFalse();
        assertThat(new String(body.toByteArray(), UTF_8)).contains("One ", "two ", "\"code\":\"stream_broken\"");
    }

    @Test
    void what_the_gateway_itself_rejects_is_told_in_the_toys_format() throws Exception {
        start(Other.OPENAI);

        HttpResponse<String> unknown = post("/toy", "{\"model\":\"nothing\",\"ask\":\"Hi\"}");
        HttpResponse<String> unread = post("/toy", "{\"turns\":[]}");
        HttpResponse<String> method =
                send(HttpRequest.newBuilder(uri("/toy")).GET().build());

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(json(unknown).path("code").asText()).isEqualTo("model_not_found");
        assertThat(unread.statusCode()).isEqualTo(400);
        assertThat(json(unread).path("failed").asText()).isEqualTo("'ask' must be a text.");
        assertThat(method.statusCode()).isEqualTo(405);
        assertThat(json(method).path("failed").asText()).isEqualTo("/toy takes POST only.");
    }

    @Test
    void a_request_that_the_toy_cannot_express_skips_it() throws Exception {
        start(Other.OPENAI);
        stub.answers(Reply.text(WORDS));

        HttpResponse<String> response = post("/v1/chat/completions", """
            {"model":"default","messages":[{"role":"user","content":"Hi"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]}\
            """);

        assertThat(response.headers().firstValue("x-bactrian-skipped")).hasValue("toy=tools");
        assertThat(attempts(response)).isEqualTo("other=OK");
    }

    @Test
    void a_static_answer_has_the_toys_form() throws Exception {
        start(Other.OPENAI);
        toy.on(request -> ToyServer.Reply.fails(500, "down"));

        HttpResponse<String> document = post("/toy", "{\"model\":\"fixed\",\"ask\":\"Hi\"}");
        HttpResponse<String> stream = post("/toy", "{\"model\":\"fixed\",\"ask\":\"Hi\",\"stream\":true}");

        assertThat(json(document).path("said").asText()).isEqualTo("Sorry, try again later.");
        assertThat(said(stream)).isEqualTo("Sorry, try again later.");
        assertThat(events(stream).getLast().path("ended").asText()).isEqualTo("whole");
    }

    /** A request of the other protocol, which both of them understand. */
    private static String messages(String model, boolean stream) {
        return """
            {"model":"%s","stream":%s,"max_tokens":50,"messages":[{"role":"user","content":"Hi"},
             {"role":"assistant","content":"Hello"},{"role":"user","content":"And?"}]%s}\
            """.formatted(model, stream, stream ? ",\"stream_options\":{\"include_usage\":true}" : "");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + gateway.port() + path);
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return send(request(path, body));
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(uri(path))
                .header("content-type", "application/json")
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static String attempts(HttpResponse<String> response) {
        return response.headers().firstValue("x-bactrian-attempts").orElse("");
    }

    private static boolean isStream(HttpResponse<String> response) {
        return response.headers().firstValue("content-type").orElse("").startsWith("text/event-stream");
    }

    private static JsonNode json(HttpResponse<String> response) {
        return json(response.body());
    }

    private static JsonNode json(String text) {
        JsonNode node = Json.parse(text.getBytes(UTF_8));
        if (node == null) {
            throw new AssertionError("not JSON: " + text);
        }
        return node;
    }

    /** The data of the events of a stream. */
    private static List<String> data(HttpResponse<String> response) {
        return response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }

    private static List<JsonNode> events(HttpResponse<String> response) {
        return data(response).stream()
                .filter(data -> data.startsWith("{"))
                .map(ToyProtocolIT::json)
                .toList();
    }

    /** The text of a toy stream. */
    private static String said(HttpResponse<String> response) {
        StringBuilder said = new StringBuilder();
        events(response).forEach(event -> said.append(event.path("say").asText("")));
        return said.toString();
    }

    /** The other protocol in the gateway; the toy has the place of the third. */
    private enum Other {
        OPENAI("/v1/chat/completions", Api.ANTHROPIC),
        ANTHROPIC("/v1/messages", Api.OPENAI);

        private final String path;
        private final Api replaced;

        Other(String path, Api replaced) {
            this.path = path;
            this.replaced = replaced;
        }

        private StubProvider stub() {
            return this == OPENAI ? StubProvider.openai() : StubProvider.anthropic();
        }

        /** The text of a document or a stream. */
        private String words(HttpResponse<String> answer) {
            if (!isStream(answer)) {
                return this == OPENAI
                        ? json(answer).at("/choices/0/message/content").asText()
                        : json(answer).at("/content/0/text").asText();
            }
            StringBuilder words = new StringBuilder();
            String piece = this == OPENAI ? "/choices/0/delta/content" : "/delta/text";
            events(answer).forEach(event -> words.append(event.at(piece).asText("")));
            return words.toString();
        }

        private boolean isWhole(HttpResponse<String> answer) {
            return answer.body()
                    .contains(this == OPENAI ? "\"finish_reason\":\"stop\"" : "\"stop_reason\":\"end_turn\"");
        }
    }

    private void start(Other with, String... more) throws Exception {
        other = with;
        stub = with.stub();
        Path routes = Files.createDirectory(directory.resolve("routes"));
        try (Stream<Path> files =
                Stream.concat(Files.list(Path.of("routes")), Stream.of(FOLDER.resolve("toy.camel.yaml")))) {
            for (Path file : files.toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        String properties =
                """
                camel.server.port=0
                bactrian.health.period=0s
                bactrian.providers.t.api=%s
                bactrian.providers.t.base-url=%s
                bactrian.providers.t.keyless=true
                bactrian.providers.o.api=%s
                bactrian.providers.o.base-url=%s
                bactrian.providers.o.keyless=true
                bactrian.targets.toy.provider=t
                bactrian.targets.toy.model=toy-1
                bactrian.targets.toy.supports=prefill
                bactrian.targets.other.provider=o
                bactrian.targets.other.model=model-1
                bactrian.chains.default=toy, other
                bactrian.chains.reverse=other, toy
                bactrian.chains.fixed=toy, static:sorry
                bactrian.static.sorry=Sorry, try again later.
                bactrian.defaults.max-attempts=1
                bactrian.defaults.stream-rescue=prefill, continue
                bactrian.defaults.upstream-streaming=off
                bactrian.queue.enabled=false
                """.formatted(with.replaced.name().toLowerCase(Locale.ROOT), toy.baseUrl(), stub.api(), stub.baseUrl());
        Files.writeString(directory.resolve("application.properties"), properties + String.join("\n", more));
        gateway = new Application(directory, Duration.ofHours(1), clock -> Protocols.builtIn(clock)
                .with(ToyCaller.PROTOCOL)
                .with(with.replaced, new ToyProvider()));
        gateway.prepare(true);
        gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.close();
        stub.close();
        toy.close();
    }
}
