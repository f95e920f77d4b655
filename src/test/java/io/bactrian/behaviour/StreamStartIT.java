package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The start of a stream, before its first word: nothing has been seen yet, so another target can still answer. */
final class StreamStartIT {
    private static final String WORDS = "Hello from the stub.";
    private static final Duration LIMIT = Duration.ofMillis(400);
    private static final Duration TOO_LATE = Duration.ofSeconds(15);

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.first-token-timeout=400ms",
                    "bactrian.defaults.first-token-timeout-thinking=900ms",
                    "bactrian.defaults.idle-timeout=1s",
                    "bactrian.defaults.response-timeout=400ms",
                    "bactrian.defaults.backoff=20ms",
                    "bactrian.targets.thinker.provider=openai",
                    "bactrian.targets.thinker.model=thinker",
                    "bactrian.targets.thinker.thinks=true")
            .modes(0)
            .openai("f");

    @ParameterizedTest
    @EnumSource
    void headers_without_content_are_no_answer(Mode mode) {
        StubProvider p = gateway.stub(mode.p()).answers(Reply.text("too late").firstTokenAfter(TOO_LATE));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=TIMEOUT, f=OK");
        assertWhole(answer, mode.stream(), WORDS);
        assertThat(answer.took()).isBetween(LIMIT.minusMillis(20), TOO_LATE.dividedBy(2));
        await().until(() -> p.lastCall().clientLeft());
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void signs_of_life_are_no_content(Mode mode) {
        gateway.stub(mode.p())
                .answers(Reply.text("too late").firstTokenAfter(TOO_LATE).pinging(Duration.ofMillis(50)));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=TIMEOUT, f=OK");
        assertThat(answer.took()).isLessThan(TOO_LATE.dividedBy(2));
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void last_candidate_has_the_whole_deadline(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("slow but sure").firstTokenAfter(LIMIT.plusMillis(200)));

        Answer alone = gateway.ask(gateway.along(mode.p()).stream(mode.stream()));
        gateway.stub("f").answers(ProviderError.OPENAI_TIMEOUT.reply());
        String model = gateway.freshModel();
        Answer last = gateway.ask(Request.of("f/" + model).fallbacks(mode.p() + "/" + model).stream(mode.stream()));

        assertThat(alone.outcomes()).isEqualTo(mode.p() + "=OK");
        assertThat(last.outcomes()).isEqualTo("f=TIMEOUT, " + mode.p() + "=OK");
        assertWhole(alone, mode.stream(), "slow but sure");
        assertWhole(last, mode.stream(), "slow but sure");
    }

    @Test
    void candidate_is_the_last_one_too_when_the_others_cannot_be_asked() {
        String model = gateway.freshModel();
        gateway.stub("f").answers(ProviderError.OPENAI_NO_MODEL.reply());
        gateway.ask(Request.of("f/" + model));
        gateway.stub("openai").answers(Reply.text("slow but sure").firstTokenAfter(LIMIT.plusMillis(200)));

        Answer answer = gateway.ask(Request.of("openai/" + model).fallbacks("f/" + model).stream(true));

        assertThat(answer.outcomes()).isEqualTo("openai=OK");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void slow_second_word_is_not_the_first(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("one two").everyToken(LIMIT.plusMillis(150)));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=OK");
        assertWhole(answer, mode.stream(), "one two");
    }

    @Test
    void thinking_may_take_longer() {
        gateway.stub("openai").answers(Reply.text("well thought").firstTokenAfter(Duration.ofMillis(650)));

        Answer asked = gateway.ask(gateway.along("openai", "f").stream(true).field("reasoning_effort", "high"));
        Answer known = gateway.ask(Request.of("thinker").fallbacks("f/m").stream(true));
        Answer none = gateway.ask(gateway.along("openai", "f").stream(true));

        assertThat(asked.outcomes()).isEqualTo("openai=OK");
        assertThat(known.outcomes()).isEqualTo("thinker=OK");
        assertThat(none.outcomes()).isEqualTo("openai=TIMEOUT, f=OK");
    }

    @ParameterizedTest
    @EnumSource
    void error_before_content_is_unseen(Mode mode) {
        ProviderError busy = mode.openai() ? ProviderError.OPENAI_BUSY : ProviderError.ANTHROPIC_BUSY;
        ModelReply preamble = Reply.text("never seen").model("model-of-p").errorEventAfter(0, busy.json());
        for (Reply reply : List.of(preamble, preamble.withoutStart())) {
            gateway.stub(mode.p()).answers(reply);

            Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

            assertThat(answer.outcomes()).isEqualTo("%1$s=OVERLOADED, %1$s=OVERLOADED, f=OK".formatted(mode.p()));
            assertWhole(answer, mode.stream(), WORDS);
            assertThat(answer.text()).doesNotContain("model-of-p", "never seen", "verloaded\"");
            if (mode.stream()) {
                assertThat(answer.chunks().stream()
                                .filter(c -> c.at("/choices/0/delta").has("role")))
                        .hasSize(1);
                assertThat(answer.chunks().stream()
                                .map(c -> c.path("id").asText())
                                .distinct())
                        .hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void line_that_breaks_before_content_is_unseen(Mode mode) {
        List<Reply> replies = List.of(
                Reply.text("one two three").cutAfter(0),
                Reply.text("one two three").endAfter(0),
                Reply.text("one two three").resetAfter(0));
        for (Reply reply : replies) {
            gateway.stub(mode.p()).answers(reply);

            Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

            assertThat(answer.outcomes()).matches("(%s=(NETWORK|INVALID_RESPONSE), ){2,3}f=OK".formatted(mode.p()));
            assertWhole(answer, mode.stream(), WORDS);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_DOCUMENT", "ANTHROPIC_DOCUMENT"})
    void broken_stream_behind_a_document_is_unseen_however_much_had_come(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("one two three four").cutAfter(3));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f"));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=STREAM_BROKEN, f=OK");
        assertWhole(answer, false, WORDS);
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_DOCUMENT", "ANTHROPIC_DOCUMENT"})
    void stall_behind_a_document_is_noticed(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("one two three four").stallAfter(2));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f"));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=TIMEOUT, f=OK");
        assertWhole(answer, false, WORDS);
        assertThat(answer.took()).isBetween(Duration.ofMillis(950), Duration.ofSeconds(5));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void document_where_a_stream_was_asked_for_is_taken_as_it_comes(boolean stream) {
        gateway.stub("openai").answers(Reply.status(200, """
            {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":\
            {"role":"assistant","content":"all at once"},"finish_reason":"stop"}],\
            "usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}"""));
        gateway.stub("anthropic").answers(Reply.status(200, """
            {"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text",\
            "text":"all at once"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":3}}"""));

        for (String p : List.of("openai", "anthropic")) {
            Answer answer = gateway.ask(gateway.along(p, "f").stream(stream));

            assertThat(answer.outcomes()).isEqualTo(p + "=OK");
            assertWhole(answer, stream, "all at once");
            assertThat(gateway.stub(p).lastCall().wantsStream()).isTrue();
        }
    }

    @Test
    void stream_where_a_document_was_asked_for_is_taken_as_it_comes() {
        String events = """
            data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"word "}}]}

            data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"by word"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}

            data: [DONE]

            """;
        gateway.stub("openai-plain").answers(Reply.sse(events));

        Answer answer = gateway.ask(gateway.along("openai-plain", "f"));

        assertThat(answer.outcomes()).isEqualTo("openai-plain=OK");
        assertWhole(answer, false, "word by word");
        assertThat(gateway.stub("openai-plain").lastCall().wantsStream()).isFalse();
    }
}
