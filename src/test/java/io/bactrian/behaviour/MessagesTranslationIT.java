package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Callers of Messages before a provider of Chat Completions: what both protocols have is translated, the rest is named. */
final class MessagesTranslationIT {
    private static final String MESSAGES = "/v1/messages";

    private static final StubProvider proxy = StubProvider.openai();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=2",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.providers.d.upstream-streaming=off",
                    "bactrian.providers.hosted.proxy=http://127.0.0.1:" + proxy.port(),
                    "bactrian.chains.both=o/gpt, a/claude-x")
            .provider("hosted", "http://api.openai.com/v1")
            .openai("o")
            .shared("o", "d")
            .anthropic("a");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider o = gateway.stub("o");

    @AfterAll
    static void close() {
        proxy.close();
    }

    @Test
    void a_request_is_translated_and_what_has_no_words_there_is_told() {
        Answer answer = gateway.post(MESSAGES, MessagesSamples.request("d/gpt"));

        assertThat(o.lastCall().json()).isEqualTo(tree(TRANSLATED));
        assertThat(o.lastCall().headers().keySet()).noneMatch(name -> name.startsWith("anthropic"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
        assertThat(answer.header("x-bactrian-dropped").split(", "))
                .containsExactlyInAnyOrder("cache_control", "thinking blocks", "context_management");
    }

    @Test
    void a_model_that_cannot_think_is_asked_without() {
        o.on(call -> call.json().has("reasoning_effort")
                ? Reply.error(
                        400, "invalid_request_error", null, "Unrecognized request argument supplied: reasoning_effort")
                : Reply.text("Unthinking"));

        String thinks = "{\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}";
        Answer answer = gateway.ask(Caller.MESSAGES, "o/plain", false, thinks);

        assertThat(Caller.MESSAGES.words(answer)).isEqualTo("Unthinking");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo("thinking");
    }

    @Test
    void the_limit_has_the_name_that_the_provider_knows() {
        gateway.ask(Caller.MESSAGES, "o/gpt", false, "{}");
        assertThat(o.lastCall().json().path("max_tokens").asInt()).isEqualTo(1000);
        assertThat(o.lastCall().json().has("max_completion_tokens")).isFalse();

        gateway.ask(Caller.MESSAGES, "hosted/gpt", false, "{}");
        Call hosted = proxy.lastCall();
        assertThat(hosted.path()).isEqualTo("http://api.openai.com/v1/chat/completions");
        assertThat(hosted.json().path("max_completion_tokens").asInt()).isEqualTo(1000);
        assertThat(hosted.json().has("max_tokens")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"o", "d"})
    void a_document_is_one_of_anthropics(String provider) {
        o.answers(says().model("gpt-6"));

        Answer answer = gateway.ask(Caller.MESSAGES, provider + "/gpt", false, "{}");

        JsonNode message = answer.json();
        assertThat(message.path("id").asText()).startsWith("msg_");
        assertThat(message.path("type").asText()).isEqualTo("message");
        assertThat(message.path("role").asText()).isEqualTo("assistant");
        assertThat(message.path("model").asText()).isEqualTo("gpt-6");
        assertThat(message.path("content")).isEqualTo(tree("""
            [{"type":"text","text":"I look."},
             {"type":"tool_use","id":"call_stub1","name":"Read","input":{"path":"/a","limit":1.1}},
             {"type":"tool_use","id":"call_stub2","name":"Shot","input":{}}]"""));
        assertThat(message.path("stop_reason").asText()).isEqualTo("tool_use");
        assertThat(message.get("stop_sequence").isNull()).isTrue();
        assertThat(message.at("/usage/input_tokens").asInt()).isEqualTo(20);
        assertThat(message.at("/usage/output_tokens").asInt()).isEqualTo(says().tokens());
    }

    @Test
    void a_stream_is_one_of_anthropics() {
        o.answers(says());

        Answer answer = gateway.ask(Caller.MESSAGES, "o/gpt", true, "{}");

        List<JsonNode> events = answer.chunks();
        assertThat(answer.text().lines().filter(l -> l.startsWith("event: ")).map(l -> l.substring(7)))
                .containsExactlyElementsOf(
                        events.stream().map(e -> e.path("type").asText()).toList());
        assertThat(events.stream().map(e -> e.path("type").asText()).distinct())
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(events.stream()
                        .filter(e -> e.has("content_block"))
                        .map(e -> e.path("index").asInt() + " "
                                + e.at("/content_block/type").asText()
                                + e.at("/content_block/name").asText()))
                .containsExactly("0 text", "1 tool_useRead", "2 tool_useShot");
        assertThat(events.stream()
                        .filter(e -> e.path("index").asInt() == 1)
                        .map(e -> e.at("/delta/partial_json").asText())
                        .collect(Collectors.joining()))
                .isEqualTo("{\"path\":\"/a\",\"limit\":1.1}");
        assertThat(Caller.MESSAGES.finishes(answer)).containsExactly("tool_use");
        assertThat(Caller.MESSAGES.usage(answer)).containsExactly(20, says().tokens());
        assertThat(answer.header("request-id")).isNotEmpty();
        assertThat(o.lastCall().json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
    }

    private static ModelReply says() {
        return Reply.text("I look.")
                .tool("Read", "{\"path\":\"/a\",\"limit\":1.1}")
                .tool("Shot", "{}");
    }

    @ParameterizedTest
    @CsvSource({"stop, end_turn", "length, max_tokens", "content_filter, refusal"})
    void the_reason_why_it_ended_is_translated(String reason, String translated) {
        o.answers(Reply.text("Words").finish(reason));

        assertThat(Caller.MESSAGES.finishes(gateway.ask(Caller.MESSAGES, "o/gpt", true, "{}")))
                .containsExactly(translated);
        for (String model : List.of("o/gpt", "d/gpt")) {
            Answer document = gateway.ask(Caller.MESSAGES, model, false, "{}");
            assertThat(document.json().path("stop_reason").asText()).isEqualTo(translated);
            assertThat(Caller.MESSAGES.words(document)).isEqualTo("Words");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cached_tokens_are_told_apart(boolean stream) {
        String usage = "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":7,\"total_tokens\":107,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":60}}";
        o.answers(
                stream
                        ? Reply.sse("data:"
                                + " {\"id\":\"c\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"
                                + "data: {\"id\":\"c\",\"choices\":[]," + usage
                                + "}\n\ndata: [DONE]\n\n")
                        : Reply.status(
                                200,
                                "{\"id\":\"c\",\"model\":\"gpt\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"Hi\"},"
                                        + "\"finish_reason\":\"stop\"}]," + usage + "}"));

        Answer answer = gateway.ask(Caller.MESSAGES, stream ? "o/gpt" : "d/gpt", stream, "{}");

        JsonNode told = stream
                ? answer.chunks().stream().filter(e -> e.has("usage")).toList().getLast()
                : answer.json();
        assertThat(told.at("/usage/input_tokens").asInt()).isEqualTo(40);
        assertThat(told.at("/usage/cache_read_input_tokens").asInt()).isEqualTo(60);
        assertThat(told.at("/usage/output_tokens").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]} | server-tools",
                "{\"tools\":[{\"name\":\"web_search\",\"type\":\"web_search_20250305\",\"max_uses\":3}]} |"
                        + " server-tools",
                "{\"mcp_servers\":[{\"type\":\"url\",\"url\":\"https://x.example\",\"name\":\"x\"}]} | server-tools",
                "{\"container\":\"container_1\"} | stored-conversation",
                "{\"previous_message_id\":\"msg_1\"} | stored-conversation",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"file\","
                        + "\"file_id\":\"file_1\"}}]}]} | file",
                "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"file_id\":\"file_1\",\"type\":\"file\"}}]}]}"
                        + " | file",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":["
                        + "{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\",\"input\":{}}]},"
                        + "{\"role\":\"user\",\"content\":\"Go on\"}]} | server-tools",
            })
    void what_only_anthropic_can_do_is_left_to_it(String fields, String label) {
        Answer answer = gateway.ask(Caller.MESSAGES, "both", false, fields);

        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("o/gpt=" + label);
        assertThat(answer.attempts()).isEqualTo("a/claude-x=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(o.calls()).isEmpty();

        Answer nobody = gateway.ask(Caller.MESSAGES, "o/gpt", true, fields);

        MessagesErrors.assertError(nobody, 400);
        assertThat(nobody.error("message")).contains("o/gpt=" + label);
        assertThat(nobody.header("x-bactrian-skipped")).isEqualTo("o/gpt=" + label);
        assertThat(o.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_request_falls_back_from_one_language_to_the_other_and_is_told_what_that_cost(boolean stream) {
        o.answers(Reply.status(500, "oops"));
        String given = MessagesSamples.request("both").replaceFirst("\\{", "{\"stream\":" + stream + ",");

        Answer there = gateway.post(MESSAGES, given);

        assertThat(Caller.MESSAGES.words(there)).isEqualTo("Hello from the stub.");
        assertThat(there.header("x-bactrian-target")).isEqualTo("a/claude-x");
        assertThat(there.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(there.header("x-bactrian-dropped")).isEmpty();
        assertThat(a.lastCall().json().at("/messages/1/content/0/signature").asText())
                .isEqualTo("RXJ/+w==");

        o.answers(Reply.text("Hello from the other."));
        a.answers(Reply.status(500, "oops"));
        Answer back = gateway.post(
                MESSAGES,
                given.replace("\"both\"", "\"a/claude-x\"").replaceFirst("\\{", "{\"fallbacks\":[\"o/gpt\"],"));

        assertThat(Caller.MESSAGES.words(back)).isEqualTo("Hello from the other.");
        assertThat(back.header("x-bactrian-degraded")).isEqualTo("features");
        assertThat(back.header("x-bactrian-dropped")).contains("cache_control");
    }

    /** What {@link MessagesSamples#REQUEST} is in Chat Completions. */
    private static final String TRANSLATED = """
        {"model":"gpt","messages":[
          {"role":"system","content":"You are a careful assistant.\\n\\nBe brief."},
          {"role":"user","content":"Look at it, café."},
          {"role":"assistant","content":"I look.","tool_calls":[
            {"id":"toolu_01A","type":"function","function":{"name":"Read","arguments":"{\\"path\\":\\"/a / b\\",\\"limit\\":1.1}"}},
            {"id":"toolu_01B","type":"function","function":{"name":"Shot","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"toolu_01A","content":"Error: no such file"},
          {"role":"tool","tool_call_id":"toolu_01B","content":"the screen\\n[image 1]"},
          {"role":"user","content":[
            {"type":"text","text":"Image 1 of the result of tool call toolu_01B:"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}},
            {"type":"text","text":"Go on."}]}],
         "max_tokens":2048,"temperature":1.0,"top_p":0.99,"user":"user_1f_account__session_9",
         "reasoning_effort":"medium",
         "tools":[
           {"type":"function","function":{"name":"Read","description":"Reads a file","parameters":{"type":"object",
             "properties":{"path":{"type":"string"},"limit":{"type":"number","maximum":1000.0}},"required":["path"]}}},
           {"type":"function","function":{"name":"Shot","parameters":{"type":"object","properties":{}}}}],
         "tool_choice":"auto","parallel_tool_calls":false}""";

    private static JsonNode tree(String json) {
        return Objects.requireNonNull(Json.parse(json.getBytes(StandardCharsets.UTF_8)));
    }
}
