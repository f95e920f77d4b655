package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Chunks;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Legacy completions: the path of chat at targets that have them, event by event, and never half of one as a whole. */
final class CompletionsIT {
    private static final String PATH = "/v1/completions";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms", "bactrian.defaults.idle-timeout=2s")
            .anthropic("x")
            .openai("a", "b");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");

    @Test
    void a_document_passes_byte_for_byte_but_for_the_model() {
        String text = "{ \"choices\":[{\"text\":\" world\",\"index\":0,\"finish_reason\":\"stop\"}] }";
        a.answers(Reply.status(200, text));

        Answer answer = gateway.post(PATH, "{\"prompt\": \"Hello\",\"max_tokens\":5}");

        assertThat(answer.text()).isEqualTo(text);
        assertThat(a.lastCall().path()).isEqualTo("/v1/completions");
        assertThat(a.lastCall().text()).isEqualTo("{\"prompt\": \"Hello\",\"max_tokens\":5,\"model\":\"model-a\"}");
        assertThat(answer.attempts()).isEqualTo("a/model-a=OK");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("x/model-x=completions");
    }

    @Test
    void a_stream_passes_event_by_event_without_the_usage_that_was_not_asked_for() {
        a.answers(Reply.sse(events(chunk("one", null), chunk(" two", null), chunk("", "stop"), USAGE) + DONE));
        String model = gateway.freshModel();

        Answer answer = gateway.post(PATH, request("a/" + model, true, ""));
        Answer counted =
                gateway.post(PATH, request("a/" + model, true, ",\"stream_options\":{\"include_usage\":true}"));

        assertThat(answer.data()).containsExactly(chunk("one", null), chunk(" two", null), chunk("", "stop"), "[DONE]");
        assertThat(counted.data())
                .containsExactly(chunk("one", null), chunk(" two", null), chunk("", "stop"), USAGE, "[DONE]");
        assertThat(a.call(1).json().at("/stream_options/include_usage").asBoolean())
                .isTrue();
    }

    @Test
    void an_error_before_the_first_text_is_not_seen() {
        a.answers(Reply.sse(events(chunk("", null), "{\"error\":{\"message\":\"overloaded\",\"code\":503}}")));
        b.answers(Reply.sse(events(chunk("well", null), chunk("", "length")) + DONE));
        String model = gateway.freshModel();

        Answer answer = gateway.post(PATH, along(model, true));

        assertThat(answer.data()).containsExactly(chunk("well", null), chunk("", "length"), "[DONE]");
        assertThat(answer.outcomes()).startsWith("a=").endsWith("b=OK");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_break_after_text_is_an_error_and_no_other_model_goes_on(boolean marked) {
        a.answers(x -> {
            x.streamHead(200, Map.of());
            x.chunk(events(chunk("half", null)).getBytes(StandardCharsets.UTF_8));
            x.pause(Duration.ofMillis(300));
            x.chunk((marked ? DONE : "").getBytes(StandardCharsets.UTF_8));
            x.endChunks();
            return Reply.After.KEEP;
        });

        Answer answer = gateway.post(PATH, along(gateway.freshModel(), true));

        assertThat(answer.data().getFirst()).isEqualTo(chunk("half", null));
        assertThat(answer.data().get(1)).contains("stream_broken");
        assertThat(answer.done()).isFalse();
        assertThat(b.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"choices\":[]}",
                "{\"choices\":[{\"message\":{\"content\":\"chat\"},\"finish_reason\":\"stop\"}]}",
                "{\"choices\":[{\"text\":\"half\",\"finish_reason\":null}]}",
                "{\"choices\":[{\"text\":\"half\",\"index\":0}]}",
                "{\"choices\":[{\"text\":null,\"finish_reason\":\"stop\"}]}",
                "{\"choices\":[{\"text\":\"x\",\"finish_reason\":\"error\"}]}",
                "{\"text\":\"x\"}",
                "<html>"
            })
    void what_is_no_whole_answer_is_none(String body) {
        a.answers(Reply.status(200, body));
        b.answers(Reply.status(200, document("well")));

        Answer answer = gateway.post(PATH, along(gateway.freshModel(), false));

        assertThat(answer.text()).isEqualTo(document("well"));
        assertThat(answer.outcomes()).startsWith("a=").endsWith("b=OK");
    }

    @Test
    void chat_in_place_of_a_stream_of_completions_is_no_answer() {
        a.answers(Reply.text("Hello from the stub."));
        b.answers(Reply.sse(events(chunk("well", "stop")) + DONE));

        Answer answer = gateway.post(PATH, along(gateway.freshModel(), true));

        assertThat(answer.data()).containsExactly(chunk("well", null), chunk("", "stop"), "[DONE]");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void no_word_is_lost_at_a_server_that_puts_a_reason_in_every_chunk(boolean stream) {
        a.answers(Reply.sse(events(chunk("One ", "stop"), chunk("two ", "stop"), chunk("three", "stop")) + DONE));

        Answer answer = gateway.post(PATH, request("a/" + gateway.freshModel(), stream, ""));

        if (stream) {
            assertThat(answer.data())
                    .containsExactly(
                            chunk("One ", null),
                            chunk("two ", null),
                            chunk("three", null),
                            chunk("", "stop"),
                            "[DONE]");
        } else {
            assertThat(answer.json()).isEqualTo(Chunks.json(document("One two three")));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_stream_with_fewer_texts_than_prompts_is_no_answer(boolean stream) {
        a.answers(Reply.sse(events(chunk("only", null), chunk(" one", "stop")) + DONE));
        b.answers(
                Reply.sse(events(chunk("1", "stop"), chunk("2", "stop").replace("\"index\":0", "\"index\":1")) + DONE));

        Answer answer =
                gateway.post(PATH, along(gateway.freshModel(), stream).replace("\"Once\"", "[\"Once\",\"Twice\"]"));

        assertThat(answer.outcomes()).startsWith("a=").endsWith("b=OK");
        assertThat(answer.text()).doesNotContain("only");
        assertThat(stream ? answer.done() : answer.json().path("choices").size() == 2)
                .isTrue();
    }

    @Test
    void a_field_that_a_target_refuses_is_left_out() {
        a.on(call -> call.json().has("seed")
                ? Reply.error(400, "invalid_request_error", null, "Unrecognized request argument supplied: seed")
                : Reply.status(200, document("well")));
        String model = "a/" + gateway.freshModel();

        Answer answer = gateway.post(PATH, request(model, false, ",\"seed\":1"));
        Answer later = gateway.post(PATH, request(model, false, ",\"seed\":1"));

        assertThat(answer.attempts()).isEqualTo(model + "=UNSUPPORTED, " + model + "=OK");
        assertThat(answer.header("x-bactrian-dropped")).isEqualTo("seed");
        assertThat(later.attempts()).isEqualTo(model + "=OK");
    }

    @Test
    void an_empty_completion_is_an_answer() {
        a.answers(Reply.sse(events(chunk("", "stop")) + DONE), Reply.status(200, document("")));
        String model = "a/" + gateway.freshModel();

        assertThat(gateway.post(PATH, request(model, true, "")).done()).isTrue();
        assertThat(gateway.post(PATH, request(model, false, "")).text()).isEqualTo(document(""));
    }

    @Test
    void a_document_for_a_caller_of_a_stream_becomes_one() {
        a.answers(Reply.status(200, document("all at once")));

        Answer answer = gateway.post(PATH, request("a/" + gateway.freshModel(), true, ""));

        assertThat(answer.done()).isTrue();
        assertThat(answer.chunks()).hasSize(1);
        assertThat(answer.chunks().getFirst().at("/choices/0/text").asText()).isEqualTo("all at once");
    }

    @Test
    void several_prompts_have_as_many_texts() {
        a.answers(Reply.status(200, document("only one")));
        b.answers(Reply.status(
                200,
                "{\"choices\":[{\"text\":\"1\",\"index\":0,\"finish_reason\":\"stop\"},"
                        + "{\"text\":\"2\",\"index\":1,\"finish_reason\":\"stop\"}]}"));

        Answer answer =
                gateway.post(PATH, along(gateway.freshModel(), false).replace("\"Once\"", "[\"Once\",\"Twice\"]"));

        assertThat(answer.json().path("choices")).hasSize(2);
    }

    @Test
    void a_missing_prompt_is_a_400_and_unknown_models_a_404() {
        assertThat(gateway.post(PATH, "{\"model\":\"default\"}").status()).isEqualTo(400);
        assertThat(gateway.post(PATH, request("nothing", false, "")).status()).isEqualTo(404);
    }

    @Test
    void a_chat_model_that_has_none_is_a_404_and_goes_on_chatting() {
        a.answers(Reply.error(404, "invalid_request_error", null, "This is a chat model."));
        String model = "a/" + gateway.freshModel();

        Answer answer = gateway.post(PATH, request(model, false, ""));
        a.answers(Reply.text("Hello from the stub."));
        Answer chat = gateway.post(
                "/v1/chat/completions",
                "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.error("code")).isEqualTo("model_not_found");
        assertThat(chat.attempts()).isEqualTo(model + "=OK");
    }

    @Test
    void a_call_ends_when_its_caller_leaves() throws IOException {
        a.answers(Reply.silence());
        byte[] body = request("a/" + gateway.freshModel(), true, "").getBytes(StandardCharsets.UTF_8);

        try (Socket caller = new Socket("127.0.0.1", gateway.port())) {
            OutputStream out = caller.getOutputStream();
            out.write(("POST " + PATH
                            + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: "
                            + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
            await().until(() -> !a.calls().isEmpty());
        }

        await().until(() -> a.lastCall().clientLeft());
    }

    private static final String DONE = "data: [DONE]\n\n";
    private static final String USAGE =
            "{\"object\":\"text_completion\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";

    private static String chunk(String text, String finish) {
        return "{\"object\":\"text_completion\",\"choices\":[{\"text\":\"" + text + "\",\"index\":0,\"finish_reason\":"
                + (finish == null ? "null" : "\"" + finish + "\"") + "}]}";
    }

    private static String document(String text) {
        return chunk(text, "stop");
    }

    private static String events(String... data) {
        return Stream.of(data).map(line -> "data: " + line + "\n\n").collect(Collectors.joining());
    }

    private static String request(String model, boolean stream, String more) {
        return "{\"model\":\"" + model + "\",\"prompt\":\"Once\",\"stream\":" + stream + more + "}";
    }

    private static String along(String model, boolean stream) {
        return request("a/" + model, stream, ",\"fallbacks\":" + List.of("\"b/" + model + "\""));
    }
}
