package io.bactrian.behaviour;

import static io.bactrian.testing.AnswerAssertions.assertWhole;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.FailureClass;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Mode;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.StubProvider;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Classes of failures: how often the first target is asked, who is asked next, what the caller gets. */
final class FailureClassesIT {
    private static final int SPARES = 24;
    private static final String WORDS = "Hello from the stub.";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=20ms",
                    "bactrian.providers.next-openai.content-policy=next",
                    "bactrian.providers.next-anthropic.content-policy=next",
                    window("openai", 8000),
                    window("openai-plain", 8000),
                    window("anthropic", 8000),
                    window("anthropic-plain", 8000),
                    "bactrian.targets.smaller.provider=s",
                    "bactrian.targets.smaller.model=smaller",
                    "bactrian.targets.smaller.context-tokens=4000",
                    "bactrian.targets.larger.provider=f",
                    "bactrian.targets.larger.model=larger",
                    "bactrian.targets.larger.context-tokens=128000")
            .modes(SPARES)
            .openai("f", "s", "next-openai")
            .anthropic("next-anthropic");

    private static final Map<Mode, Integer> spent = new EnumMap<>(Mode.class);

    @ParameterizedTest
    @MethodSource("troubles")
    void error_with_a_status(Mode mode, ProviderError trouble) {
        assertConsequences(mode, trouble, trouble.reply());
    }

    @ParameterizedTest
    @MethodSource("troublesInWords")
    void same_error_inside_a_success_before_any_content(Mode mode, ProviderError trouble) {
        assertConsequences(mode, trouble, Reply.text("one two").withoutStart().errorEventAfter(0, trouble.json()));
    }

    @ParameterizedTest
    @MethodSource("troublesInWords")
    void same_error_after_a_preamble_without_content(Mode mode, ProviderError trouble) {
        assertConsequences(mode, trouble, Reply.text("one two").errorEventAfter(0, trouble.json()));
    }

    private void assertConsequences(Mode mode, ProviderError trouble, Reply reply) {
        String p = provider(mode, trouble.restsTheKey());
        StubProvider stub = gateway.stub(p).answers(reply);

        Answer answer = gateway.ask(gateway.along(p, "f").stream(mode.stream()));

        String once = p + "=" + trouble.meaning();
        switch (trouble.meaning()) {
            case CONTENT_POLICY -> {
                assertThat(answer.outcomes()).isEqualTo(once);
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.error("message")).isEqualTo(trouble.message());
                assertThat(answer.header("x-should-retry")).isNotEqualTo("true");
                assertThat(gateway.stub("f").calls()).isEmpty();
            }
            case OVERLOADED, SERVER_ERROR -> {
                assertThat(answer.outcomes()).isEqualTo(once + ", " + once + ", f=OK");
                assertWhole(answer, mode.stream(), WORDS);
            }
            case RATE_LIMITED -> {
                assertThat(answer.outcomes()).isEqualTo(once + ", " + once + ", " + once + ", f=OK");
                assertWhole(answer, mode.stream(), WORDS);
            }
            default -> {
                assertThat(answer.outcomes()).isEqualTo(once + ", f=OK");
                assertWhole(answer, mode.stream(), WORDS);
            }
        }
        assertThat(stub.calls()).allMatch(call -> call.wantsStream() == mode.upstreamStreams());
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void what_does_not_mend_is_left_alone_for_a_while(Mode mode, ProviderError trouble) {
        boolean lasting = trouble.restsTheKey() || trouble.meaning() == FailureClass.MODEL_UNAVAILABLE;
        if (!lasting || mode.stream()) {
            return;
        }
        String p = provider(mode, trouble.restsTheKey());
        gateway.stub(p).answers(trouble.reply());
        String model = gateway.freshModel();

        gateway.ask(Request.of(p + "/" + model).fallbacks("f/" + model));
        Answer second = gateway.ask(Request.of(p + "/" + model).fallbacks("f/" + model));
        Answer alone = gateway.ask(Request.of(p + "/" + model));

        assertThat(second.outcomes()).isEqualTo("f=OK");
        assertThat(second.header("x-bactrian-skipped")).isEqualTo(p + "/" + model + "=COOLING");
        assertThat(second.header("x-bactrian-fallbacks")).isEqualTo("1");
        if (trouble.meaning() == FailureClass.MODEL_UNAVAILABLE) {
            assertThat(alone.status()).isEqualTo(404);
            return;
        }
        assertThat(alone.status()).isEqualTo(503);
        assertThat(alone.header("x-should-retry")).isEqualTo("false");
        assertThat(Integer.parseInt(alone.header("retry-after")))
                .as("its trial")
                .isBetween(1, 10);
    }

    @ParameterizedTest
    @EnumSource
    void too_long_for_one_goes_to_a_larger_window_only(Mode mode) {
        gateway.stub(mode.p()).answers(tooLong(mode).reply());

        Answer answer =
                gateway.ask(Request.of("window-" + mode.p()).fallbacks("smaller", "larger").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo("window-%s=CONTEXT_LENGTH, larger=OK".formatted(mode.p()));
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("smaller=context");
        assertWhole(answer, mode.stream(), WORDS);
    }

    @ParameterizedTest
    @EnumSource
    void too_long_for_all_is_a_clean_400(Mode mode) {
        gateway.stub(mode.p()).answers(tooLong(mode).reply());
        gateway.stub("f").answers(ProviderError.OPENAI_TOO_LONG.reply());

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));
        Answer none = gateway.ask(Request.of("window-" + mode.p()).fallbacks("smaller").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=CONTEXT_LENGTH, f=CONTEXT_LENGTH");
        assertThat(none.outcomes()).isEqualTo("window-" + mode.p() + "=CONTEXT_LENGTH");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(none.status()).isEqualTo(400);
        assertThat(answer.error("code")).isEqualTo("context_length_exceeded");
        assertThat(none.error("code")).isEqualTo("context_length_exceeded");
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
    }

    private static ProviderError tooLong(Mode mode) {
        return mode.openai() ? ProviderError.OPENAI_TOO_LONG : ProviderError.ANTHROPIC_TOO_LONG;
    }

    @ParameterizedTest
    @EnumSource
    void refusal_inside_an_answer_goes_to_the_caller_as_it_is(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.text("I cannot help").finish("content_filter"));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.content()).isEqualTo("I cannot help");
        assertThat(answer.outcomes()).isEqualTo(mode.p() + "=CONTENT_POLICY");
        assertThat(answer.text()).contains("\"finish_reason\":\"content_filter\"");
    }

    @ParameterizedTest
    @EnumSource(names = {"OPENAI_STREAM", "OPENAI_DOCUMENT", "ANTHROPIC_STREAM", "ANTHROPIC_DOCUMENT"})
    void refusal_goes_to_the_next_where_so_configured(Mode mode) {
        String p = "next-" + mode.api();
        ProviderError refused = mode.openai() ? ProviderError.OPENAI_POLICY : ProviderError.ANTHROPIC_POLICY;
        gateway.stub(p).answers(refused.reply(), Reply.text("").finish("content_filter"));

        Answer error = gateway.ask(gateway.along(p, "f").stream(mode.stream()));
        Answer inside = gateway.ask(gateway.along(p, "f").stream(mode.stream()));

        assertThat(error.outcomes()).isEqualTo(p + "=CONTENT_POLICY, f=OK");
        assertThat(inside.outcomes()).isEqualTo(p + "=CONTENT_POLICY, f=OK");
        assertWhole(inside, mode.stream(), WORDS);
    }

    static Stream<Arguments> nonsense() {
        return Arrays.stream(Mode.values()).flatMap(mode -> {
            String json = mode.openai()
                    ? "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}],"
                            + "\"stop_reason\":\"end_turn\"}"
                    : "{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
                            + "{\"role\":\"assistant\",\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}";
            String events = mode.openai()
                    ? "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n"
                            + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
                            + "\"delta\":{\"type\":\"text_delta\",\"text\":\"hi\"}}\n\n"
                            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
                    : "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
                            + "{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
            return Stream.of(
                    Arguments.of(mode, "a web page", Reply.html()),
                    Arguments.of(mode, "nothing", Reply.status(200, "")),
                    Arguments.of(mode, "an empty stream", Reply.sse("")),
                    Arguments.of(mode, "a stream that is done at once", Reply.sse("data: [DONE]\n\n")),
                    Arguments.of(mode, "comments only", Reply.sse(": hello\n\n: hello\n\n")),
                    Arguments.of(mode, "half a document", Reply.status(200, json.substring(0, json.length() / 2))),
                    Arguments.of(mode, "fewer bytes than announced", Reply.shortBody(200, json, 20)),
                    Arguments.of(mode, "text", Reply.status(200, "OK", "content-type", "text/plain")),
                    Arguments.of(mode, "a number", Reply.status(200, "42")),
                    Arguments.of(mode, "null", Reply.status(200, "null")),
                    Arguments.of(mode, "a list", Reply.status(200, "[]")),
                    Arguments.of(mode, "no choices", Reply.status(200, "{\"id\":\"x\",\"choices\":[]}")),
                    Arguments.of(mode, "another protocol's document", Reply.status(200, json)),
                    Arguments.of(mode, "another protocol's events", Reply.sse(events)));
        });
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("nonsense")
    void success_that_is_no_answer_is_asked_for_once_more_and_then_elsewhere(Mode mode, String what, Reply reply) {
        gateway.stub(mode.p()).answers(reply);

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes())
                .isEqualTo("%1$s=INVALID_RESPONSE, %1$s=INVALID_RESPONSE, f=OK".formatted(mode.p()));
        assertWhole(answer, mode.stream(), WORDS);
    }

    @ParameterizedTest
    @EnumSource
    void something_else_that_listens_there_is_no_provider(Mode mode) {
        gateway.stub(mode.p()).answers(Reply.raw("SSH-2.0-OpenSSH_9.6\r\n").thenClose());

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).matches("(%s=(NETWORK|INVALID_RESPONSE), ){2,3}f=OK".formatted(mode.p()));
    }

    @ParameterizedTest
    @EnumSource
    void redirect_is_not_followed(Mode mode) {
        String elsewhere = gateway.stub("s").baseUrl() + "/chat/completions";
        gateway.stub(mode.p()).answers(Reply.status(307, "", "location", elsewhere));

        Answer answer = gateway.ask(gateway.along(mode.p(), "f").stream(mode.stream()));

        assertThat(answer.outcomes()).isEqualTo("%1$s=SERVER_ERROR, %1$s=SERVER_ERROR, f=OK".formatted(mode.p()));
        assertThat(gateway.stub("s").calls()).isEmpty();
    }

    private static String window(String provider, int tokens) {
        String target = "bactrian.targets.window-" + provider;
        return String.join(
                "\n", target + ".provider=" + provider, target + ".model=window", target + ".context-tokens=" + tokens);
    }

    /** The first target's provider, or one like it that no test has used. */
    private static String provider(Mode mode, boolean fresh) {
        if (!fresh) {
            return mode.p();
        }
        // Modes that share a provider share its spares.
        Mode owner = Arrays.stream(Mode.values())
                .filter(m -> m.p().equals(mode.p()))
                .findFirst()
                .orElseThrow();
        return mode.p() + "-" + spent.merge(owner, 1, Integer::sum);
    }

    static Stream<Arguments> troubles() {
        return Arrays.stream(Mode.values()).flatMap(mode -> Arrays.stream(ProviderError.values())
                .filter(trouble -> trouble.of(mode))
                .map(trouble -> Arguments.of(mode, trouble)));
    }

    /** Those that can be told without their status. */
    static Stream<Arguments> troublesInWords() {
        return troubles().filter(arguments -> arguments.get()[1] != ProviderError.OPENAI_PAYMENT);
    }
}
