package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.Json;
import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Messages endpoint before a provider that speaks Anthropic Messages too: bytes go through as they are. */
final class MessagesIT {
    private static final String MESSAGES = "/v1/messages";
    private static final String KEY = "sk-ant-key-of-the-provider";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.providers.a.api-key=" + KEY,
                    "bactrian.providers.d.upstream-streaming=off")
            .anthropic("a")
            .shared("a", "d")
            .openai("o");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider o = gateway.stub("o");

    @Test
    void a_request_goes_through_byte_for_byte_but_for_the_model() {
        gateway.post(MESSAGES, MessagesSamples.request("d/claude-x"));
        assertThat(a.lastCall().text()).isEqualTo(MessagesSamples.request("claude-x"));

        gateway.post(MESSAGES, MessagesSamples.streaming(MessagesSamples.request("a/claude-x")));
        assertThat(a.lastCall().text()).isEqualTo(MessagesSamples.streaming(MessagesSamples.request("claude-x")));

        gateway.post(MESSAGES, MessagesSamples.request("a/claude-x"));
        assertThat(a.lastCall().text()).isEqualTo(MessagesSamples.streaming(MessagesSamples.request("claude-x")));
    }

    @Test
    void fallbacks_and_a_stream_that_is_not_wanted_are_no_business_of_the_provider() {
        String more = "{\"fallbacks\":[\"o/gpt\"],\"stream\":false,";
        gateway.post(MESSAGES, MessagesSamples.request("d/claude-x").replaceFirst("\\{", more));

        assertThat(a.lastCall().text()).isEqualTo(MessagesSamples.request("claude-x"));
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
                MessagesSamples.request(provider + "/claude-x"));

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
        gateway.ask(Request.of("a/claude-x").by(Caller.MESSAGES).header("anthropic-beta", " "));

        assertThat(a.lastCall().header("anthropic-version")).isEqualTo("2023-06-01");
        assertThat(a.lastCall().header("anthropic-beta")).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "d"})
    void a_document_comes_back_byte_for_byte(String provider) {
        String odd =
                MessagesSamples.DOCUMENT.replace("\"stop_reason\"", " \n \"vendor_field\" : 1.50 , \"stop_reason\"");
        a.answers(Reply.status(200, odd));

        Answer answer = gateway.ask(Request.of(provider + "/claude-x").by(Caller.MESSAGES));

        assertThat(answer.text()).isEqualTo(odd);
        assertThat(answer.header("request-id")).isNotEmpty().isEqualTo(answer.header("x-request-id"));
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.header("x-bactrian-dropped")).isEmpty();
    }

    @Test
    void a_stream_comes_back_event_for_event() {
        a.answers(Reply.sse(MessagesSamples.STREAM));

        Answer answer = gateway.post(
                MESSAGES, MessagesSamples.streaming(MessagesSamples.request("a/claude-x")), "x-request-id", "mine-7");

        assertThat(streamed(answer)).isEqualTo(MessagesSamples.STREAM);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.header("x-request-id")).isEqualTo("mine-7");
        assertThat(answer.header("request-id")).isEqualTo("mine-7");
        assertThat(answer.comments()).containsExactly(": bactrian attempts a/claude-x=OK");
    }

    @Test
    void a_document_put_together_from_a_stream_is_the_one_the_provider_would_have_sent() {
        a.answers(Reply.sse(MessagesSamples.STREAM));

        Answer answer = gateway.post(MESSAGES, MessagesSamples.request("a/claude-x"));

        assertThat(a.lastCall().wantsStream()).isTrue();
        assertThat(answer.json()).isEqualTo(Json.parse(MessagesSamples.DOCUMENT.getBytes(StandardCharsets.UTF_8)));
        assertThat(answer.text()).contains("\"limit\":1.10");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
    }

    @Test
    void pings_reach_a_caller_who_waits_in_the_middle_of_an_answer() {
        a.answers(Reply.text("One two").everyToken(Duration.ofMillis(300)).pinging(Duration.ofMillis(50)));

        Answer answer = gateway.ask(Request.of("a/claude-x").by(Caller.MESSAGES).stream(true));

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
        String[] beginning = MessagesSamples.STREAM.split("(?<=\n\n)");
        a.answers(Reply.sse(beginning[0]
                + beginning[1]
                + beginning[2]
                + MessagesSamples.events(
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}")));

        Answer answer = gateway.ask(Request.of("a/" + gateway.freshModel()).by(Caller.MESSAGES).stream(stream)
                .fallbacks("o/gpt"));

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
        String stream = MessagesSamples.events(
                "{\"type\":\"message_start\",\"message\":" + head
                        + "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}",
                "{\"type\":\"message_delta\",\"delta\":{" + refusal + "},\"usage\":{\"output_tokens\":0}}",
                "{\"type\":\"message_stop\"}");
        a.on(call -> call.wantsStream() ? Reply.sse(stream) : Reply.status(200, document));

        Answer whole = gateway.ask(Request.of(provider + "/claude-x").by(Caller.MESSAGES));
        Answer streamed = gateway.ask(Request.of("a/claude-x").by(Caller.MESSAGES).stream(true));

        assertThat(whole.json()).isEqualTo(Json.parse(document.getBytes(StandardCharsets.UTF_8)));
        assertThat(whole.attempts()).isEqualTo(provider + "/claude-x=CONTENT_POLICY");
        assertThat(streamed(streamed)).isEqualTo(stream);
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

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    /** A stream without the gateway's own remarks. */
    private static String streamed(Answer answer) {
        return answer.text().replaceAll("(?m)^: .*\n", "");
    }
}
