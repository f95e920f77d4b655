package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams as their caller sees them: head, words and end. */
final class StreamAnswersIT {
    private static final String F_SAYS = "F has the answer";
    private static final Duration TOKEN = Duration.ofMillis(30);

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.patience=400ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.stream-rescue=off")
            .openai("openai", "kept-openai", "f")
            .anthropic("anthropic", "kept-anthropic");

    @Test
    void the_head_of_a_stream_tells_who_answers_and_its_end_the_whole_trail() {
        gateway.stub("openai").answers(Reply.error(503, "server_error", "overloaded", "busy"));
        gateway.stub("f").answers(Reply.text(F_SAYS).everyToken(TOKEN));

        Answer answer = gateway.ask(
                Request.of("openai/model-p").fallbacks("f/model-f").stream(true).header("x-request-id", "my-own-id"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith("text/event-stream");
        assertThat(answer.header("cache-control")).isEqualTo("no-cache");
        assertThat(answer.header("x-request-id")).isEqualTo("my-own-id");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("f/model-f");
        assertThat(answer.attempts()).isEqualTo("openai/model-p=OVERLOADED, openai/model-p=OVERLOADED, f/model-f=OK");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("1");
        assertThat(answer.header("x-bactrian-degraded")).isEqualTo("false");
        assertThat(answer.header("x-bactrian-quality")).isEqualTo("1.0");
        assertThat(answer.comments()).containsExactly(": bactrian attempts " + answer.attempts());
        assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void usage_is_for_those_who_ask(String api) {
        StubProvider p = gateway.stub(api).answers(Reply.text("one two"));

        Answer hidden = gateway.post("/v1/chat/completions", """
            {"model":"%s/m","stream":true,"messages":[{"role":"user","content":"Hi"}]}\
            """.formatted(api));
        Answer asked = gateway.ask(Request.of(api + "/m").stream(true));

        assertThat(hidden.chunks()).noneMatch(c -> c.path("usage").isObject());
        assertThat(hidden.chunks()).noneMatch(c -> c.path("choices").isEmpty());
        assertThat(hidden.done()).isTrue();
        assertThat(ChatStreams.usage(asked).path("prompt_tokens").asInt()).isEqualTo(20);
        if (api.equals("openai")) {
            assertThat(p.call(1).json().at("/stream_options/include_usage").asBoolean())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void tool_calls_arrive_whole(String api) {
        gateway.stub(api)
                .answers(Reply.text("Let me see.")
                        .tool("look", "{\"where\":\"in the house\"}")
                        .tool("listen", "{\"to\":\"the grass\"}")
                        .tool("wait", "{}"));

        Answer answer = gateway.ask(gateway.along(api, "f").stream(true));

        assertThat(answer.content()).isEqualTo("Let me see.");
        assertThat(ChatStreams.arguments(answer))
                .containsExactly("{\"where\":\"in the house\"}", "{\"to\":\"the grass\"}", "{}");
        assertThat(ChatStreams.finishReasons(answer)).containsExactly("tool_calls");
        assertThat(answer.done()).isTrue();
    }

    @Test
    void a_refusal_of_an_anthropic_model_comes_as_it_is() {
        gateway.stub("anthropic").answers(Reply.text("I would rather not").finish("content_filter"));

        Answer answer = gateway.ask(gateway.along("anthropic", "f").stream(true));

        assertThat(ChatStreams.finishReasons(answer)).containsExactly("content_filter");
        assertThat(answer.comments())
                .containsExactly(": bactrian attempts " + answer.header("x-bactrian-target") + "=CONTENT_POLICY");
        assertThat(answer.outcomes()).isEqualTo("anthropic=CONTENT_POLICY");
        assertThat(answer.done()).isTrue();
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @Test
    void fifty_streams_at_once_do_not_mix() {
        gateway.stub("openai").on(call -> Reply.text(
                        "answer to " + call.json().at("/messages/0/content").asText() + " and so on")
                .everyToken(TOKEN));

        List<Answer> answers =
                gateway.askAtOnce(50, i -> Request.of("openai/m").stream(true).saying("question" + i));

        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).content()).isEqualTo("answer to question" + i + " and so on");
            assertThat(answers.get(i).done()).isTrue();
        }
        assertThat(gateway.stub("openai").calls()).hasSize(50);
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_connection_whose_stream_has_ended_is_used_again(String api) {
        StubProvider kept =
                gateway.stub("kept-" + api).answers(Reply.text("one two").everyToken(TOKEN));
        for (int i = 0; i < 4; i++) {
            assertThat(gateway.ask(gateway.along("kept-" + api, "f").stream(true))
                            .done())
                    .isTrue();
            await().until(() -> gateway.inFlight() == 0);
        }
        assertThat(kept.acceptedConnections()).isEqualTo(1);
    }
}
