package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The door for callers who speak Anthropic's language, before a provider who speaks it too. */
final class MessagesIT {
    private static final String MESSAGES = "/v1/messages";
    private static final String KEY = "sk-ant-key-of-the-house";

    /** What a coding assistant sends: numbers, escapes and fields as nobody else would write them. */
    static final String REQUEST = """
        {"model":"MODEL","max_tokens":2048,"temperature":1.0,"top_p":0.990,\
        "metadata":{"user_id":"user_1f_account__session_9"},\
        "system":[{"type":"text","text":"You are a careful \\u0061ssistant."},\
        {"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],\
        "tools":[{"name":"Read","description":"Reads a file","input_schema":{"type":"object",\
        "properties":{"path":{"type":"string"},"limit":{"type":"number","maximum":1E+3}},"required":["path"]}},\
        {"name":"Shot","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"}}],\
        "tool_choice":{"type":"auto","disable_parallel_tool_use":true},\
        "thinking":{"type":"enabled","budget_tokens":1024},\
        "messages":[{"role":"user","content":[{"type":"text","text":"Look at it, caf\u00e9.",\
        "cache_control":{"type":"ephemeral"}}]},\
        {"role":"assistant","content":[{"type":"thinking","thinking":"I read.","signature":"RXJ/+w=="},\
        {"type":"redacted_thinking","data":"b3BhcXVl"},{"type":"text","text":"I look."},\
        {"type":"tool_use","id":"toolu_01A","name":"Read","input":{"path":"/a \\/ b","limit":1.10}},\
        {"type":"tool_use","id":"toolu_01B","name":"Shot","input":{}}]},\
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01A","is_error":true,\
        "content":"no such file"},{"type":"tool_result","tool_use_id":"toolu_01B","content":[\
        {"type":"text","text":"the screen"},{"type":"image","source":{"type":"base64",\
        "media_type":"image/png","data":"iVBORw0KGgo="}}]},{"type":"text","text":"Go on."}]}],\
        "context_management":{"edits":[{"type":"clear_tool_uses_20250919","keep":3.50}]}}""";

    private static final String DOCUMENT = """
        {"id":"msg_01X","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[\
        {"type":"thinking","thinking":"Is it here? It is.","signature":"c2lnbmVk"},\
        {"type":"text","text":"As it says: here.","citations":[{"type":"char_location","cited_text":"here",\
        "document_index":0,"start_char_index":3,"end_char_index":7}]},\
        {"type":"tool_use","id":"toolu_01C","name":"Read","input":{"path":"/a","limit":1.10,"deep":{"n":[1,2]}}},\
        {"type":"tool_use","id":"toolu_01D","name":"Shot","input":{}}],\
        "stop_reason":"tool_use","stop_sequence":null,"stop_details":null,\
        "usage":{"input_tokens":12,"cache_creation_input_tokens":300,"cache_read_input_tokens":4000,\
        "cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0},\
        "output_tokens":77,"output_tokens_details":{"thinking_tokens":20},"service_tier":"standard"}}""";

    /** The same as a stream: padding, pings and an event that nobody knows are part of the protocol. */
    private static final String STREAM = events(
            """
            {"type":"message_start","message":{"id":"msg_01X","type":"message","role":"assistant",\
            "model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"stop_details":null,\
            "usage":{"input_tokens":12,"cache_creation_input_tokens":300,"cache_read_input_tokens":4000,\
            "cache_creation":{"ephemeral_5m_input_tokens":300,"ephemeral_1h_input_tokens":0},\
            "output_tokens":1,"service_tier":"standard"}}}""",
            "{\"type\": \"ping\"}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Is it"
                    + " here?\"}     }",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\" It"
                    + " is.\"}}      ",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"c2lnbmVk\"}}",
            "{\"type\":\"content_block_stop\",\"index\":0}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"text\",\"text\":\"\",\"citations\":[]}}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"As it says:"
                    + " \"}}",
            "{\"type\":\"vendor_news\",\"share\":1.50,\"index\":1}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"citations_delta\",\"citation\":{\"type\":\"char_location\",\"cited_text\":\"here\",\"document_index\":0,\"start_char_index\":3,\"end_char_index\":7}}}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"here.\"}}",
            "{\"type\":\"content_block_stop\",\"index\":1}",
            "{\"type\": \"ping\"}",
            "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_01C\",\"name\":\"Read\",\"input\":{}}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"path\\\":\\\"/a\\\",\\\"limit\\\":1.1\"}}",
            "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"0,\\\"deep\\\":{\\\"n\\\":[1,2]}}\"}}",
            "{\"type\":\"content_block_stop\",\"index\":2}",
            "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_01D\",\"name\":\"Shot\",\"input\":{}}}",
            "{\"type\":\"content_block_stop\",\"index\":3}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":77,\"output_tokens_details\":{\"thinking_tokens\":20}}}",
            "{\"type\":\"message_stop\"}");

    private static final StubProvider a = StubProvider.anthropic();
    private static final StubProvider o = StubProvider.openai();
    private static Gateway gateway;
    private static int models;

    @BeforeAll
    static void start() {
        Map<String, StubProvider> line = new LinkedHashMap<>();
        line.put("a", a);
        line.put("d", a);
        line.put("o", o);
        gateway = Gateway.over(
                line,
                "bactrian.defaults.max-attempts=1",
                "bactrian.defaults.breaker.failures=1000",
                "bactrian.providers.a.api-key=" + KEY,
                "bactrian.providers.d.upstream-streaming=off");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        a.close();
        o.close();
    }

    @BeforeEach
    void nobody_was_asked() {
        for (StubProvider stub : List.of(a, o)) {
            stub.answers(Reply.text("Hello from the stub."));
            stub.forget();
        }
    }

    private static String events(String... data) {
        StringBuilder all = new StringBuilder();
        for (String json : data) {
            JsonNode event = Objects.requireNonNull(Json.parse(json.getBytes(StandardCharsets.UTF_8)));
            all.append("event: ")
                    .append(event.path("type").asText())
                    .append("\ndata: ")
                    .append(json)
                    .append("\n\n");
        }
        return all.toString();
    }

    private static String request(String model) {
        return REQUEST.replace("MODEL", model);
    }

    private static String streaming(String request) {
        return request.substring(0, request.length() - 1) + ",\"stream\":true}";
    }

    private static String body(String model) {
        return Caller.MESSAGES.body(model, false, "{}");
    }

    /** A stream without the gateway's own remarks. */
    private static String spoken(Answer answer) {
        return answer.text().replaceAll("(?m)^: .*\n\n", "");
    }

    @Test
    void a_request_goes_through_byte_for_byte_but_for_the_model() {
        gateway.post(MESSAGES, request("d/claude-x"));
        assertThat(a.lastCall().text()).isEqualTo(request("claude-x"));

        gateway.post(MESSAGES, streaming(request("a/claude-x")));
        assertThat(a.lastCall().text()).isEqualTo(streaming(request("claude-x")));

        gateway.post(MESSAGES, request("a/claude-x"));
        assertThat(a.lastCall().text()).isEqualTo(streaming(request("claude-x")));
    }

    @Test
    void fallbacks_and_a_stream_that_is_not_wanted_are_no_business_of_the_provider() {
        String more = "{\"fallbacks\":[\"o/gpt\"],\"stream\":false,";
        gateway.post(MESSAGES, request("d/claude-x").replaceFirst("\\{", more));

        assertThat(a.lastCall().text()).isEqualTo(request("claude-x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "d"})
    void version_and_betas_go_on_and_nothing_else_of_the_callers_headers(String provider) {
        RawHttp.send(
                gateway.port(),
                "POST /v1/messages?beta=true",
                List.of(
                        "content-type: application/json",
                        "anthropic-version: 2026-10-21",
                        "anthropic-beta: one-2026-01-01,two-2026-02-02",
                        "anthropic-beta: three-2026-03-03",
                        "x-api-key: key-of-the-caller",
                        "authorization: Bearer key-of-the-caller",
                        "cookie: a=b",
                        "anthropic-workspace-id: wrkspc_1",
                        "anthropic-user-profile-id: up_1",
                        "anthropic-dangerous-direct-browser-access: true",
                        "x-stainless-lang: js",
                        "x-app: cli",
                        "user-agent: claude-cli/9.9",
                        "accept-encoding: gzip"),
                request(provider + "/claude-x"));

        Call call = a.lastCall();
        assertThat(call.path()).isEqualTo(MESSAGES);
        assertThat(call.header("anthropic-version")).isEqualTo("2026-10-21");
        assertThat(Objects.requireNonNull(call.header("anthropic-beta")).split(" *, *"))
                .containsExactly("one-2026-01-01", "two-2026-02-02", "three-2026-03-03");
        assertThat(call.header("x-api-key")).isEqualTo(provider.equals("a") ? KEY : null);
        assertThat(call.headers().keySet().stream().map(String::toLowerCase))
                .isSubsetOf(
                        "host",
                        "content-type",
                        "content-length",
                        "transfer-encoding",
                        "accept",
                        "connection",
                        "user-agent",
                        "x-api-key",
                        "anthropic-version",
                        "anthropic-beta");
        assertThat(call.headers().values()).noneMatch(v -> v.contains("key-of-the-caller") || v.contains("cli"));
    }

    @Test
    void a_version_is_sent_for_a_caller_who_names_none() {
        gateway.post(MESSAGES, body("a/claude-x"), "anthropic-beta", " ");

        assertThat(a.lastCall().header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(a.lastCall().header("anthropic-beta")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "d"})
    void a_document_comes_back_byte_for_byte(String provider) {
        String odd = DOCUMENT.replace("\"stop_reason\"", " \n \"vendor_field\" : 1.50 , \"stop_reason\"");
        a.answers(Reply.status(200, odd));

        Answer answer = gateway.post(MESSAGES, body(provider + "/claude-x"));

        assertThat(answer.text()).isEqualTo(odd);
        assertThat(answer.header("request-id")).isNotEmpty().isEqualTo(answer.header("x-request-id"));
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.header("x-bactrian-dropped")).isEmpty();
    }

    @Test
    void a_stream_comes_back_event_for_event() {
        a.answers(Reply.sse(STREAM));

        Answer answer = gateway.post(MESSAGES, streaming(request("a/claude-x")), "x-request-id", "mine-7");

        assertThat(spoken(answer)).isEqualTo(STREAM);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.header("x-request-id")).isEqualTo("mine-7");
        assertThat(answer.header("request-id")).isEqualTo("mine-7");
        assertThat(answer.comments()).containsExactly(": bactrian attempts a/claude-x=OK");
    }

    @Test
    void a_document_put_together_from_a_stream_is_the_one_the_provider_would_have_sent() {
        a.answers(Reply.sse(STREAM));

        Answer answer = gateway.post(MESSAGES, request("a/claude-x"));

        assertThat(a.lastCall().wantsStream()).isTrue();
        assertThat(answer.json()).isEqualTo(Json.parse(DOCUMENT.getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.text()).contains("\"limit\":1.10");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void pings_reach_a_caller_who_waits_in_the_middle_of_an_answer() {
        a.answers(Reply.text("One two").everyToken(Duration.ofMillis(300)).pinging(Duration.ofMillis(50)));

        Answer answer = gateway.post(MESSAGES, streaming(body("a/claude-x").replace("\"stream\":false,", "")));

        List<String> types =
                answer.chunks().stream().map(e -> e.path("type").asText()).toList();
        assertThat(types.subList(types.indexOf("content_block_delta"), types.lastIndexOf("content_block_delta")))
                .contains("ping");
        assertThat(Caller.MESSAGES.words(answer)).isEqualTo("One two");
    }

    /** Nothing of the first is to be seen: its beginning was held back. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_error_before_the_first_word_is_covered_by_the_next(boolean stream) {
        String[] beginning = STREAM.split("(?<=\n\n)");
        a.answers(Reply.sse(beginning[0]
                + beginning[1]
                + beginning[2]
                + events("{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")));

        Answer answer =
                gateway.post(MESSAGES, Caller.MESSAGES.body("a/m" + models++, stream, "{\"fallbacks\":[\"o/gpt\"]}"));

        assertThat(Caller.MESSAGES.words(answer)).isEqualTo("Hello from the stub.");
        assertThat(answer.attempts()).endsWith("=OVERLOADED, o/gpt=OK");
        assertThat(answer.text()).doesNotContain("msg_01X", "thinking");
        assertThat(!stream || Caller.MESSAGES.beginnings(answer) == 1).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "d"})
    void an_answer_without_content_is_an_answer(String provider) {
        String refusal = "\"stop_reason\":\"refusal\",\"stop_sequence\":null,"
                + "\"stop_details\":{\"type\":\"refusal\",\"category\":\"cyber\",\"explanation\":null}";
        String head = "{\"id\":\"msg_01Y\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],";
        String document = head + refusal + ",\"usage\":{\"input_tokens\":5,\"output_tokens\":0}}";
        String stream = events(
                "{\"type\":\"message_start\",\"message\":" + head
                        + "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}",
                "{\"type\":\"message_delta\",\"delta\":{" + refusal + "},\"usage\":{\"output_tokens\":0}}",
                "{\"type\":\"message_stop\"}");
        a.on(call -> call.wantsStream() ? Reply.sse(stream) : Reply.status(200, document));

        Answer whole = gateway.post(MESSAGES, body(provider + "/claude-x"));
        Answer streamed = gateway.post(MESSAGES, Caller.MESSAGES.body("a/claude-x", true, "{}"));

        assertThat(whole.json()).isEqualTo(Json.parse(document.getBytes(StandardCharsets.UTF_8)));
        assertThat(whole.attempts()).isEqualTo(provider + "/claude-x=CONTENT_POLICY");
        assertThat(spoken(streamed)).isEqualTo(stream);
    }

    @Test
    void a_long_list_of_tools_goes_through() {
        StringBuilder tools = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            tools.append(i == 0 ? "" : ",")
                    .append("{\"name\":\"tool_" + i + "\",\"description\":\"" + "words ".repeat(100) + "\",")
                    .append("\"input_schema\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\"}}}}");
        }
        String request = "{\"model\":\"MODEL\",\"max_tokens\":9,\"tools\":[" + tools
                + "],\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

        gateway.post(MESSAGES, request.replace("MODEL", "d/claude-x"));
        gateway.post(MESSAGES, request.replace("MODEL", "o/gpt"));

        assertThat(a.lastCall().text()).isEqualTo(request.replace("MODEL", "claude-x"));
        assertThat(o.lastCall().json().path("tools")).hasSize(300);
    }

    @Test
    void a_probe_of_the_root_gets_an_answer_without_a_surprise() {
        RawHttp.Response head = RawHttp.send(gateway.port(), "HEAD /", List.of(), "");

        assertThat(head.status()).isIn(200, 404, 405);
        assertThat(head.body()).isEmpty();
    }
}
