package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DemoProvidersTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HELLO = "'messages':[{'role':'user','content':'Is anybody there?'}]";
    private static final String SCHEMA =
            "{'type':'object','required':['city','days'],'properties':{'city':{'type':'string'},'days':{'type':'integer'}}}";

    private static Vertx vertx;
    private static DemoProviders demo;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        demo = DemoProviders.start(vertx, Pace.FAST);
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        demo.close();
        vertx.close();
    }

    @AfterEach
    void heal() {
        demo.faults().keySet().forEach(provider -> demo.fault(provider, "off"));
    }

    @Test
    void the_base_urls_are_those_of_three_providers() {
        assertThat(demo.baseUrls()).containsOnlyKeys("anthropic", "openai", "groq");
        assertThat(demo.baseUrls().get("groq").getPath()).isEqualTo("/groq/openai/v1");
    }

    @Test
    void a_document_is_one_of_the_real_protocol() throws Exception {
        HttpResponse<String> openai = ask("openai", HELLO);
        assertThat(openai.headers().firstValue("x-ratelimit-remaining-tokens")).isPresent();
        assertThat(json(openai).path("object").asText()).isEqualTo("chat.completion");
        assertThat(json(openai).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(json(openai).at("/usage/completion_tokens").asInt()).isGreaterThan(40);
        HttpResponse<String> anthropic = ask("anthropic", HELLO);
        assertThat(anthropic.headers().firstValue("request-id")).isPresent();
        assertThat(json(anthropic).path("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(json(anthropic).at("/usage/output_tokens").asInt()).isGreaterThan(40);
        assertThat(json(ask("groq", HELLO)).at("/x_groq/id").asText()).startsWith("req_");
    }

    @Test
    void tokens_are_counted_by_anthropic_alone() throws Exception {
        String body = body(HELLO).replace("\"max_tokens\":1000,", "");
        for (String provider : List.of("anthropic", "openai")) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(demo.baseUrls().get(provider) + "/messages/count_tokens"))
                    .POST(BodyPublishers.ofString(body))
                    .build();
            HttpResponse<String> counted = client.send(request, BodyHandlers.ofString());

            assertThat(counted.statusCode()).isEqualTo(provider.equals("anthropic") ? 200 : 404);
            assertThat(json(counted).has("input_tokens")).isEqualTo(provider.equals("anthropic"));
        }
    }

    @Test
    void a_stream_is_one_of_the_real_protocol() throws Exception {
        String openai = ask("openai", "'stream':true,'stream_options':{'include_usage':true}," + HELLO)
                .body();
        assertThat(openai)
                .contains("\"role\":\"assistant\"", "\"choices\":[],\"usage\"")
                .endsWith("data: [DONE]\n\n");
        assertThat(ask("groq", "'stream':true," + HELLO).body())
                .contains("\"x_groq\":{\"id\"", "\"usage\"")
                .endsWith("data: [DONE]\n\n");
        List<String> types = ask("anthropic", "'stream':true," + HELLO)
                .body()
                .lines()
                .filter(line -> line.startsWith("event: "))
                .map(line -> line.substring(7))
                .distinct()
                .toList();
        assertThat(types)
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "ping",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
    }

    @Test
    void all_say_the_same_words_streamed_or_not() throws Exception {
        String words = text("openai", HELLO);
        assertThat(words).contains("simulated provider", "\"Is anybody there?\"");
        assertThat(words).doesNotContainIgnoringCase("anthropic").doesNotContainIgnoringCase("groq");
        for (String provider : demo.baseUrls().keySet()) {
            assertThat(text(provider, HELLO)).isEqualTo(words);
            assertThat(text(provider, "'stream':true," + HELLO)).isEqualTo(words);
        }
    }

    @Test
    void a_long_message_is_quoted_in_part() throws Exception {
        String words = text("openai", "'messages':[{'role':'user','content':'" + "🐪".repeat(100) + "'}]");
        assertThat(words).contains("\"" + "🐪".repeat(60) + "…\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"anthropic", "openai", "groq"})
    void a_prefill_is_continued_to_the_same_whole(String provider) throws Exception {
        String whole = text("openai", HELLO);
        String said = whole.substring(0, whole.indexOf(" protocol"));
        String messages = HELLO.replace("}]", "},{'role':'assistant','content':'" + said + "'}");
        assertThat(said + text(provider, messages + "]")).isEqualTo(whole);
        assertThat(said + text(provider, messages + ",{'role':'user','content':'Continue.'}]"))
                .isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource({"anthropic,max_tokens", "openai,length", "groq,length"})
    void max_tokens_is_kept(String provider, String finish) throws Exception {
        HttpResponse<String> response = ask(provider, "'max_tokens':3," + HELLO);
        assertThat(text(provider, "'max_tokens':3," + HELLO)).isEqualTo("Hello! This answer");
        assertThat(response.body()).contains("\"" + finish + "\"");
        assertThat(ask(provider, "'stream':true,'max_tokens':3," + HELLO).body())
                .contains("\"" + finish + "\"");
    }

    @Test
    void a_tool_is_called_with_arguments_that_fit() throws Exception {
        String tools = "'tools':[{'type':'function','function':{'name':'weather','parameters':" + SCHEMA + "}}],";
        JsonNode call = json(ask("openai", tools + HELLO)).at("/choices/0/message/tool_calls/0/function");
        assertThat(call.path("name").asText()).isEqualTo("weather");
        assertThat(call.path("arguments").asText()).isEqualTo("{\"city\":\"Is anybody there?\",\"days\":1}");
        assertThat(ask("groq", "'stream':true," + tools + HELLO).body())
                .containsOnlyOnce("\"name\":\"weather\"")
                .contains("\"finish_reason\":\"tool_calls\"");
        assertThat(text("openai", "'tool_choice':'none'," + tools + HELLO)).startsWith("Hello!");
        String result = HELLO.replace(
                "}]",
                "},{'role':'assistant','tool_calls':[]},{'role':'tool','tool_call_id':'x','content':'12 degrees'}]");
        assertThat(text("openai", tools + result)).contains("\"12 degrees\"");
    }

    @Test
    void anthropic_calls_the_chosen_tool_and_thanks_for_its_result() throws Exception {
        String tools = "'tools':[{'name':'a','input_schema':{}},{'name':'weather','input_schema':" + SCHEMA
                + "}],'tool_choice':{'type':'tool','name':'weather'},";
        JsonNode message = json(ask("anthropic", tools + HELLO));
        assertThat(message.path("stop_reason").asText()).isEqualTo("tool_use");
        assertThat(message.at("/content/0/name").asText()).isEqualTo("weather");
        assertThat(message.at("/content/0/input/days").asInt()).isEqualTo(1);
        assertThat(ask("anthropic", "'stream':true," + tools + HELLO).body())
                .contains("\"type\":\"tool_use\"", "\"input_json_delta\"", "\"stop_reason\":\"tool_use\"");
        String result = HELLO.replace(
                "}]", "},{'role':'user','content':[{'type':'tool_result','tool_use_id':'x','content':'12'}]}]");
        assertThat(text("anthropic", tools + result)).contains("\"12\"");
    }

    @Test
    void a_schema_is_answered_with_a_document_that_fits() throws Exception {
        String fits = "{\"city\":\"Is anybody there?\",\"days\":1}";
        String openai = "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':" + SCHEMA + "}},";
        String anthropic = "'output_config':{'format':{'type':'json_schema','schema':" + SCHEMA + "}},";
        assertThat(text("openai", openai + HELLO)).isEqualTo(fits);
        assertThat(text("groq", "'stream':true," + openai + HELLO)).isEqualTo(fits);
        assertThat(text("anthropic", anthropic + HELLO)).isEqualTo(fits);
        assertThat(text("openai", "'response_format':{'type':'json_object'}," + HELLO))
                .startsWith("{\"answer\":");
    }

    @Test
    void models_are_listed() throws Exception {
        for (String provider : demo.baseUrls().keySet()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(demo.baseUrls().get(provider) + "/models"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(json(response).at("/data/0/id").asText()).isNotEmpty();
        }
    }

    @Test
    void mistakes_of_the_caller_are_answered_as_the_real_ones_do() throws Exception {
        assertThat(ask("openai", "'messages':[]").statusCode()).isEqualTo(400);
        assertThat(send("openai", "{").statusCode()).isEqualTo(400);
        HttpResponse<String> noLimit = send("anthropic", "{\"messages\":[]}");
        assertThat(noLimit.statusCode()).isEqualTo(400);
        assertThat(json(noLimit).at("/error/message").asText()).isEqualTo("max_tokens: Field required");
    }

    @ParameterizedTest
    @CsvSource({
        "anthropic,429,429,rate_limit_error",
        "openai,429,429,requests",
        "groq,429,429,tokens",
        "anthropic,500,500,api_error",
        "openai,500,500,server_error",
        "groq,500,500,internal_server_error",
        "anthropic,503,529,overloaded_error",
        "openai,503,503,service_unavailable_error",
        "groq,503,503,internal_server_error"
    })
    void an_error_is_one_of_the_real_protocol(String provider, String kind, int status, String type) throws Exception {
        demo.fault(provider, kind);
        for (String body : List.of(HELLO, "'stream':true," + HELLO)) {
            HttpResponse<String> response = ask(provider, body);
            assertThat(response.statusCode()).isEqualTo(status);
            assertThat(json(response).at("/error/type").asText()).isEqualTo(type);
            assertThat(response.headers().firstValue("retry-after").isPresent()).isEqualTo(status == 429);
        }
        demo.fault(provider, "off");
        assertThat(ask(provider, HELLO).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"anthropic", "openai", "groq"})
    void a_cut_comes_after_eight_words(String provider) {
        demo.fault(provider, "cut");
        assertThatThrownBy(() -> ask(provider, HELLO)).isInstanceOf(IOException.class);
        List<String> lines = new ArrayList<>();
        assertThatThrownBy(() -> client.send(request(provider, body("'stream':true," + HELLO)), BodyHandlers.ofLines())
                        .body()
                        .forEach(lines::add))
                .hasRootCauseInstanceOf(IOException.class);
        assertThat(lines.stream()
                        .filter(l -> l.contains("\"content\":\"") || l.contains("text_delta"))
                        .toList())
                .filteredOn(l -> !l.contains("\"content\":\"\""))
                .hasSize(8);
        assertThat(lines).noneMatch(l -> l.contains("[DONE]") || l.contains("message_stop"));
    }

    @Test
    void a_reset_is_a_reset() throws Exception {
        demo.fault("groq", "reset");
        URI groq = demo.baseUrls().get("groq");
        try (Socket socket = new Socket(groq.getHost(), groq.getPort())) {
            socket.getOutputStream()
                    .write(("POST " + groq.getPath()
                                    + "/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}")
                            .getBytes(StandardCharsets.US_ASCII));
            assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void a_timeout_is_silence_before_the_headers_or_after_some_words() throws Exception {
        demo.fault("openai", "timeout");
        HttpRequest request = HttpRequest.newBuilder(request("openai", body(HELLO)), (name, value) -> true)
                .timeout(Duration.ofMillis(300))
                .build();
        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                .isInstanceOf(HttpTimeoutException.class);
        demo.fault("openai", "timeout", 2);
        List<String> words = new ArrayList<>();
        try (var lines = client.send(request("openai", body("'stream':true," + HELLO)), BodyHandlers.ofLines())
                .body()) {
            lines.filter(l -> l.contains("\"content\":\"") && !l.contains("\"content\":\"\""))
                    .limit(2)
                    .forEach(words::add);
        }
        assertThat(words).hasSize(2);
    }

    @Test
    void garbage_is_a_page_with_status_200() throws Exception {
        demo.fault("anthropic", "garbage");
        HttpResponse<String> response = ask("anthropic", HELLO);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).startsWith("<!DOCTYPE html>");
    }

    @Test
    void unknown_names_are_refused_with_those_there_are() {
        assertThatThrownBy(() -> demo.fault("openai", "flood"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no such fault: 'flood'; there are 429, 500, 503, timeout, reset, cut, garbage, off");
        assertThatThrownBy(() -> demo.fault("acme", "429"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no simulated provider 'acme'; there are anthropic, openai, groq");
        assertThatThrownBy(() -> demo.fault("openai", "cut", -1)).isInstanceOf(IllegalArgumentException.class);
        demo.fault("openai", "cut");
        assertThat(demo.faults()).containsEntry("openai", "cut").containsEntry("groq", "off");
    }

    @Test
    void the_hints_are_three_commands() {
        assertThat(demo.curlHints(8080).lines())
                .hasSize(3)
                .allMatch(line -> line.startsWith("curl "))
                .anyMatch(line -> line.equals("curl -X POST 'http://127.0.0.1:8080/demo/anthropic/fault?kind=503'"));
    }

    @Test
    void a_human_pace_is_that_of_a_human() {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            waits.add(Pace.HUMAN.tokenMillis());
        }
        assertThat(waits.stream().min(Comparator.naturalOrder())).hasValue(25L);
        assertThat(waits.stream().max(Comparator.naturalOrder())).hasValue(40L);
    }

    /** The words of an answer, of a document or a stream. */
    private static String text(String provider, String fields) throws Exception {
        String body = ask(provider, fields).body();
        if (body.startsWith("{")) {
            JsonNode root = JSON.readTree(body);
            return root.at("/choices/0/message/content").asText()
                    + root.at("/content/0/text").asText();
        }
        StringBuilder words = new StringBuilder();
        for (String line : body.lines().filter(l -> l.startsWith("data: {")).toList()) {
            JsonNode event = JSON.readTree(line.substring(6));
            words.append(event.at("/choices/0/delta/content").asText(""))
                    .append(event.at("/delta/text").asText(""));
        }
        return words.toString();
    }

    private static HttpResponse<String> ask(String provider, String fields) throws Exception {
        return send(provider, body(fields));
    }

    private static String body(String fields) {
        String limit = fields.contains("max_tokens") ? "" : "\"max_tokens\":1000,";
        return "{\"model\":\"any\"," + limit + fields.replace("\"", "\\\"").replace('\'', '"') + "}";
    }

    private static HttpResponse<String> send(String provider, String body) throws Exception {
        return client.send(request(provider, body), BodyHandlers.ofString());
    }

    private static HttpRequest request(String provider, String body) {
        String path = provider.equals("anthropic") ? "/messages" : "/chat/completions";
        return HttpRequest.newBuilder(URI.create(demo.baseUrls().get(provider) + path))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static JsonNode json(HttpResponse<String> response) throws Exception {
        return JSON.readTree(response.body());
    }
}
