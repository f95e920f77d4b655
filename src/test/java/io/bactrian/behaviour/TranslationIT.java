package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers of Chat Completions before a provider of Messages: what both protocols have is translated, the rest goes elsewhere. */
final class TranslationIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.providers.d.upstream-streaming=off",
                    "bactrian.providers.a.api-key=sk-ant-secret",
                    "bactrian.chains.both=o/gpt, a/claude")
            .openai("o")
            .anthropic("a")
            .shared("a", "d");

    private final StubProvider anthropic = gateway.stub("a");
    private final StubProvider openai = gateway.stub("o");

    @BeforeEach
    void well() {
        anthropic.answers(Reply.text("Well."));
        openai.answers(Reply.text("Well."));
    }

    @ParameterizedTest
    @EnumSource
    void a_request_with_everything_reaches_an_anthropic_provider(Way way) throws Exception {
        anthropic.answers(Reply.text("{\"warmth\":21}"));

        Answer answer = ask(way, RICH);

        assertThat(answer.status()).isEqualTo(200);
        ObjectNode expected = (ObjectNode) tree(RICH_TRANSLATED);
        if (way != Way.DOCUMENT) {
            expected.put("stream", true);
        }
        assertThat(anthropic.call(1).json()).isEqualTo(expected);
        assertThat(anthropic.call(1).path()).isEqualTo("/v1/messages");
        assertThat(anthropic.call(1).header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("features");
    }

    @ParameterizedTest
    @EnumSource
    void an_answer_with_everything_reaches_the_caller(Way way) throws Exception {
        String usage = "{\"input_tokens\":10,\"cache_creation_input_tokens\":200,\"cache_read_input_tokens\":3000,"
                + "\"output_tokens\":40,\"output_tokens_details\":{\"thinking_tokens\":15}}";
        anthropic.answers(
                way == Way.DOCUMENT
                        ? Reply.status(200, """
                                {"id":"msg_9","type":"message","role":"assistant","model":"claude-real","content":[
                                 {"type":"thinking","thinking":"hm","signature":"sig"},
                                 {"type":"text","text":"Two"},{"type":"text","text":" calls."},
                                 {"type":"tool_use","id":"toolu_1","name":"temperature","input":{"place":"Ålesund"}},
                                 {"type":"tool_use","id":"toolu_2","name":"time","input":{}}],
                                 "stop_reason":"tool_use","stop_sequence":null,"usage":""" + usage + "}")
                        : Reply.sse(events("""
                                {"type":"message_start","message":{"id":"msg_9","type":"message","role":"assistant","model":"claude-real","content":[],"stop_reason":null,"usage":{"input_tokens":10,"cache_creation_input_tokens":200,"cache_read_input_tokens":3000,"output_tokens":1}}}
                                {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
                                {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}
                                {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}
                                {"type":"content_block_stop","index":0}
                                {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}
                                {"type":"ping"}
                                {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Two"}}
                                {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" calls."}}
                                {"type":"content_block_stop","index":1}
                                {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"temperature","input":{}}}
                                {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}
                                {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\\"place\\":\\"Å"}}
                                {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"lesund\\"}"}}
                                {"type":"content_block_stop","index":2}
                                {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"time","input":{}}}
                                {"type":"content_block_stop","index":3}
                                {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":""" + usage + "}\n{\"type\":\"message_stop\"}")));

        Answer answer = ask(way, RICH);

        assertThat(answer.content()).isEqualTo("Two calls.");
        assertThat(toolCalls(answer))
                .containsExactly("toolu_1 function temperature {\"place\":\"Ålesund\"}", "toolu_2 function time {}");
        assertThat(finish(answer)).isEqualTo("tool_calls");
        assertThat(usage(answer)).isEqualTo(tree("""
                        {"prompt_tokens":3210,"completion_tokens":40,"total_tokens":3250,
                         "prompt_tokens_details":{"cached_tokens":3000,"cache_write_tokens":200},
                         "completion_tokens_details":{"reasoning_tokens":15}}"""));
        JsonNode head = way.stream ? answer.chunks().getFirst() : answer.json();
        assertThat(head.path("model").asText()).isEqualTo("claude-real");
        assertThat(head.path("id").asText()).startsWith("chatcmpl-");
        assertThat(head.path("object").asText()).isEqualTo(way.stream ? "chat.completion.chunk" : "chat.completion");
        assertThat(answer.text()).doesNotContain("toolu_1\",\"name\"", "\"hm\"", "sk-ant-secret");
    }

    @ParameterizedTest
    @CsvSource({
        "end_turn,stop",
        "max_tokens,length",
        "stop_sequence,stop",
        "refusal,content_filter",
        "pause_turn,stop",
        "model_context_window_exceeded,length",
        "something_new,something_new"
    })
    void a_stop_reason_has_its_finish_reason(String anthropicReason, String openaiReason) {
        anthropic.answers(Reply.text("Well.").finish(anthropicReason));
        for (Way way : Way.values()) {
            Answer answer = ask(way, "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(finish(answer)).isEqualTo(openaiReason);
            assertThat(answer.content()).isEqualTo("Well.");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"none\"|{\"type\":\"none\"}",
                "\"auto\"|{\"type\":\"auto\"}",
                "\"required\"|{\"type\":\"any\"}",
                "{\"type\":\"function\",\"function\":{\"name\":\"time\"}}|{\"type\":\"tool\",\"name\":\"time\"}"
            })
    void a_choice_of_tools_is_said_in_their_words(String chosen, String expected) throws Exception {
        ask(Way.STREAM, """
                {"messages":[{"role":"user","content":"Hi"}],"tool_choice":%s,
                 "tools":[{"type":"function","function":{"name":"time","parameters":{"type":"object","properties":{}}}}]}""".formatted(chosen));

        assertThat(anthropic.call(1).json().path("tool_choice")).isEqualTo(tree(expected));
    }

    @ParameterizedTest
    @EnumSource
    void what_a_protocol_cannot_say_goes_to_another_provider(Way way) {
        Answer answer = gateway.post("/v1/chat/completions", """
                {"model":"%s","fallbacks":["o/gpt"],"stream":%s,"n":2,"messages":[{"role":"user","content":"Hi"}]}""".formatted(way.model, way.stream));

        assertThat(answer.attempts()).isEqualTo("o/gpt=OK");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo(way.model + "=n");
        assertThat(anthropic.calls()).isEmpty();
    }

    @Test
    void a_mistake_in_the_conversation_is_the_callers_and_costs_no_call() {
        Answer answer = ask(Way.DOCUMENT, """
                {"messages":[{"role":"user","content":"Hi"},{"role":"tool","tool_call_id":"call_nobody","content":"21"}]}""");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(answer.error("param")).contains("messages[1]");
        assertThat(anthropic.calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DOCUMENT")
    void a_conversation_begun_at_openai_goes_on_at_anthropic_and_comes_back(Way way) throws Exception {
        String strange = "call.from/another:vendor-" + "7".repeat(40);
        openai.answers(
                Reply.status(200, """
                        {"id":"c1","object":"chat.completion","created":1,"model":"gpt","choices":[{"index":0,"finish_reason":"tool_calls","message":
                         {"role":"assistant","content":null,"tool_calls":[
                          {"id":"call_plain","type":"function","function":{"name":"time","arguments":"{}"}},
                          {"id":"%s","type":"function","function":{"name":"temperature","arguments":"{\\"place\\":\\"Oslo\\"}"}}]}}]}""".formatted(strange)),
                Reply.error(503, "service_unavailable_error", "server_is_overloaded", "busy"),
                Reply.text("Good night."));
        anthropic.answers(Reply.text("Warm.").tool("time", "{\"zone\":\"UTC\"}"));
        ArrayNode messages = JSON.createArrayNode();
        messages.addObject().put("role", "user").put("content", "How warm is it?");

        Answer first = both(messages, way.stream);
        assertThat(toolCalls(first))
                .containsExactly("call_plain function time {}", strange + " function temperature {\"place\":\"Oslo\"}");
        remember(messages, first);
        messages.addObject()
                .put("role", "tool")
                .put("tool_call_id", "call_plain")
                .put("content", "noon");
        messages.addObject().put("role", "tool").put("tool_call_id", strange).put("content", "21");

        Answer second = both(messages, way.stream);
        assertThat(second.header("x-bactrian-attempts")).isEqualTo("o/gpt=OVERLOADED, a/claude=OK");
        JsonNode told = anthropic.call(1).json().path("messages");
        String portable = told.at("/1/content/1/id").asText();
        assertThat(portable).matches("[a-zA-Z0-9_-]{1,40}");
        assertThat(told.at("/1/content/0/id").asText()).isEqualTo("call_plain");
        assertThat(told.at("/2/content/0/tool_use_id").asText()).isEqualTo("call_plain");
        assertThat(told.at("/2/content/1/tool_use_id").asText()).isEqualTo(portable);
        assertThat(told.at("/2/content/1/content").asText()).isEqualTo("21");
        assertThat(second.content()).isEqualTo("Warm.");
        remember(messages, second);
        messages.addObject()
                .put("role", "tool")
                .put("tool_call_id", "call_stub1")
                .put("content", "noon");

        Answer third = both(messages, way.stream);
        assertThat(third.content()).isEqualTo("Good night.");
        assertThat(openai.call(3).json().path("messages")).isEqualTo(messages);
    }

    private Answer both(ArrayNode messages, boolean stream) {
        ObjectNode request = JSON.createObjectNode().put("model", "both").put("stream", stream);
        request.set("messages", messages);
        return gateway.post("/v1/chat/completions", request.toString());
    }

    /** What a caller's library keeps of an answer. */
    private static void remember(ArrayNode messages, Answer answer) {
        ObjectNode message = messages.addObject().put("role", "assistant");
        message.put("content", answer.content().isEmpty() || answer.content().equals("null") ? null : answer.content());
        ArrayNode calls = message.putArray("tool_calls");
        for (String call : toolCalls(answer)) {
            String[] parts = call.split(" ", 4);
            calls.addObject()
                    .put("id", parts[0])
                    .put("type", parts[1])
                    .putObject("function")
                    .put("name", parts[2])
                    .put("arguments", parts[3]);
        }
    }

    private Answer ask(Way way, String json) {
        try {
            ObjectNode request = (ObjectNode) tree(json);
            request.put("model", way.model);
            if (way.stream) {
                request.put("stream", true).putObject("stream_options").put("include_usage", true);
            }
            return gateway.post("/v1/chat/completions", request.toString());
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean streamed(Answer answer) {
        return answer.header("content-type").startsWith("text/event-stream");
    }

    /** Id, type, name and arguments of each tool call. */
    private static List<String> toolCalls(Answer answer) {
        Map<Integer, StringBuilder> calls = new TreeMap<>();
        if (!streamed(answer)) {
            return answer.json()
                    .at("/choices/0/message/tool_calls")
                    .valueStream()
                    .map(TranslationIT::words)
                    .toList();
        }
        for (JsonNode chunk : answer.chunks()) {
            for (JsonNode piece : chunk.at("/choices/0/delta/tool_calls")) {
                calls.computeIfAbsent(piece.path("index").asInt(), i -> new StringBuilder())
                        .append(
                                piece.has("id")
                                        ? words(piece)
                                        : piece.at("/function/arguments").asText());
            }
        }
        return calls.values().stream().map(StringBuilder::toString).collect(Collectors.toList());
    }

    private static String words(JsonNode call) {
        return call.path("id").asText() + " " + call.path("type").asText() + " "
                + call.at("/function/name").asText() + " "
                + call.at("/function/arguments").asText();
    }

    private static String finish(Answer answer) {
        if (!streamed(answer)) {
            return answer.json().at("/choices/0/finish_reason").asText();
        }
        return answer.chunks().stream()
                .map(c -> c.at("/choices/0/finish_reason"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .reduce((a, b) -> {
                    throw new AssertionError("finished twice");
                })
                .orElseThrow();
    }

    private static JsonNode usage(Answer answer) {
        return streamed(answer)
                ? answer.chunks().getLast().path("usage")
                : answer.json().path("usage");
    }

    /** Each line as an event with its name. */
    private static byte[] events(String lines) throws JsonProcessingException {
        StringBuilder events = new StringBuilder();
        for (String line : lines.lines().toList()) {
            events.append("event: ").append(tree(line).path("type").asText());
            events.append("\ndata: ").append(line).append("\n\n");
        }
        return events.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static JsonNode tree(String json) throws JsonProcessingException {
        return JSON.readTree(json);
    }

    private static final String RICH = """
            {"messages":[
              {"role":"system","content":"Be brief."},
              {"role":"developer","content":[{"type":"text","text":"Metric units."},{"type":"text","text":"No jokes."}]},
              {"role":"user","name":"kim","content":[
                {"type":"text","text":"What is here, and how warm is it?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"high"}},
                {"type":"image_url","image_url":{"url":"https://pictures.example/house.jpg"}}]},
              {"role":"assistant","content":"Let me look.","tool_calls":[
                {"id":"call_1","type":"function","function":{"name":"temperature","arguments":"{\\"place\\":\\"Oslo\\"}"}},
                {"id":"call_2","type":"function","function":{"name":"time","arguments":""}}]},
              {"role":"tool","tool_call_id":"call_1","content":"21"},
              {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]},
              {"role":"user","content":"Go on."}],
             "tools":[
              {"type":"function","function":{"name":"temperature","description":"How warm it is","strict":true,"parameters":
                {"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false}}},
              {"type":"function","function":{"name":"time"}}],
             "tool_choice":{"type":"function","function":{"name":"temperature"}},
             "parallel_tool_calls":false,
             "max_completion_tokens":300,
             "stop":["END","STOP"],
             "user":"user-7",
             "response_format":{"type":"json_schema","json_schema":{"name":"report","strict":true,"schema":
                {"type":"object","properties":{"warmth":{"type":"number","minimum":-80}},"required":["warmth"]}}},
             "seed":7}""";

    private static final String RICH_TRANSLATED = """
            {"model":"claude","max_tokens":300,
             "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Metric units."},{"type":"text","text":"No jokes."}],
             "messages":[
              {"role":"user","content":[
                {"type":"text","text":"What is here, and how warm is it?"},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
                {"type":"image","source":{"type":"url","url":"https://pictures.example/house.jpg"}}]},
              {"role":"assistant","content":[
                {"type":"text","text":"Let me look."},
                {"type":"tool_use","id":"call_1","name":"temperature","input":{"place":"Oslo"}},
                {"type":"tool_use","id":"call_2","name":"time","input":{}}]},
              {"role":"user","content":[
                {"type":"tool_result","tool_use_id":"call_1","content":"21"},
                {"type":"tool_result","tool_use_id":"call_2","content":[{"type":"text","text":"noon"}]},
                {"type":"text","text":"Go on."}]}],
             "tools":[
              {"name":"temperature","description":"How warm it is","strict":true,"input_schema":
                {"type":"object","properties":{"place":{"type":"string"}},"required":["place"],"additionalProperties":false}},
              {"name":"time","input_schema":{"type":"object","properties":{}}}],
             "tool_choice":{"type":"tool","name":"temperature","disable_parallel_tool_use":true},
             "stop_sequences":["END","STOP"],
             "metadata":{"user_id":"user-7"},
             "output_config":{"format":{"type":"json_schema","schema":
                {"type":"object","properties":{"warmth":{"type":"number","description":"{minimum: -80}"}},
                 "required":["warmth"],"additionalProperties":false}}}}""";

    /** How the caller asks, and how the provider is asked for it. */
    enum Way {
        STREAM("a/claude", true),
        DOCUMENT_FROM_STREAM("a/claude", false),
        DOCUMENT("d/claude", false);

        final String model;
        final boolean stream;

        Way(String model, boolean stream) {
            this.model = model;
            this.stream = stream;
        }
    }
}
