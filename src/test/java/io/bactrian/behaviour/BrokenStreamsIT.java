package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.ModelReply;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams that break off, and are not finished by another target: {@code stream-rescue=off}. */
final class BrokenStreamsIT {
    private static final String F_SAYS = "F has the answer";
    private static final Duration TOKEN = Duration.ofMillis(30);
    private static final String ONCE = "max-attempts=1";
    private static final String TOOLS_AT_ONCE = "stream-commit-tools=first-token";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.patience=400ms",
                    "bactrian.defaults.deadline=20s",
                    "bactrian.defaults.stream-rescue=off")
            .openai("openai", "f")
            .anthropic("anthropic")
            .chains("openai, f", ONCE)
            .chains("anthropic, f", ONCE)
            .chains("openai, f", TOOLS_AT_ONCE)
            .chains("anthropic, f", TOOLS_AT_ONCE)
            .chains("openai, f", "stream-commit=complete");

    @BeforeEach
    void f_is_well() {
        gateway.stub("f").answers(Reply.text(F_SAYS));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("breaks")
    void a_break_after_content_is_never_a_success(String api, String name, UnaryOperator<ModelReply> breaks) {
        gateway.stub(api).answers(breaks.apply(Reply.text("one two three").everyToken(TOKEN)));

        Answer stream = gateway.ask(gateway.along(api, "f").stream(true));

        assertThat(stream.content()).startsWith("one");
        assertBroken(stream, api, "STREAM_BROKEN");
        assertThat(gateway.stub("f").calls()).isEmpty();

        Answer document = gateway.ask(gateway.along(api, "f"));

        assertThat(document.content()).isEqualTo(F_SAYS);
        assertThat(document.outcomes()).isEqualTo(api + "=STREAM_BROKEN, f=OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void an_error_event_counts_as_its_class_before_content_and_after(String api) {
        String error = api.equals("openai")
                ? "{\"error\":{\"message\":\"busy\",\"type\":\"service_unavailable_error\",\"code\":\"server_is_overloaded\"}}"
                : "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        gateway.stub(api)
                .answers(
                        Reply.text("one two three").errorEventAfter(0, error),
                        Reply.text("one two three").everyToken(TOKEN).errorEventAfter(2, error));

        Answer before = gateway.ask(Request.of(gateway.chain(api + ", f", ONCE)).stream(true));
        Answer after = gateway.ask(Request.of(gateway.chain(api + ", f", ONCE)).stream(true));

        assertThat(before.content()).isEqualTo(F_SAYS);
        assertThat(before.done()).isTrue();
        assertThat(before.outcomes()).isEqualTo(api + "=OVERLOADED, f=OK");
        assertThat(after.content()).isEqualTo("one two");
        assertBroken(after, api, "OVERLOADED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_tool_call_that_breaks_is_answered_by_the_next_unseen(String api) {
        gateway.stub(api)
                .answers(Reply.toolCall("look", "{\"where\":\"in the first house\"}")
                        .everyToken(TOKEN)
                        .cutAfter(2));
        gateway.stub("f").answers(Reply.toolCall("look", "{\"where\":\"in the second house\"}"));

        Answer answer = gateway.ask(gateway.along(api, "f").stream(true));

        assertThat(answer.outcomes()).isEqualTo(api + "=STREAM_BROKEN, f=OK");
        assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
        assertThat(ChatStreams.arguments(answer)).containsExactly("{\"where\":\"in the second house\"}");
        assertThat(answer.text()).containsOnlyOnce("\"name\":\"look\"").containsOnlyOnce("\"tool_calls\"}");
        assertThat(answer.done()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai", "anthropic"})
    void a_tool_call_that_flows_at_once_and_breaks_is_an_error(String api) {
        gateway.stub(api)
                .answers(Reply.toolCall("look", "{\"where\":\"in the first house\"}")
                        .everyToken(TOKEN)
                        .cutAfter(2));

        Answer answer = gateway.ask(Request.of(gateway.chain(api + ", f", TOOLS_AT_ONCE)).stream(true));

        assertThat(ChatStreams.arguments(answer)).containsExactly("{\"where\":\"in the");
        assertBroken(answer, api, "STREAM_BROKEN");
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @Test
    void a_stream_that_is_committed_when_complete_breaks_unseen() {
        gateway.stub("openai")
                .answers(Reply.text("one two three").everyToken(TOKEN).cutAfter(2));

        Answer answer = gateway.ask(Request.of(gateway.chain("openai, f", "stream-commit=complete")).stream(true));

        assertThat(answer.content()).isEqualTo(F_SAYS);
        assertThat(answer.outcomes()).isEqualTo("openai=STREAM_BROKEN, f=OK");
        assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
    }

    @Test
    void every_choice_needs_a_finish_reason() {
        String first =
                ChatStreams.chunk(0, "a", null) + ChatStreams.chunk(1, "x", null) + ChatStreams.chunk(0, "b", "stop");
        // Longer than the second in which the end of a finished stream must come.
        gateway.stub("openai")
                .answers(
                        HandWrittenStream.paced(
                                Duration.ofMillis(1300), first, ChatStreams.chunk(1, "y", "stop") + "data: [DONE]\n\n"),
                        HandWrittenStream.paced(Duration.ofMillis(100), first));
        Request two = Request.of(gateway.chain("openai, f", ONCE)).stream(true).field("n", 2);

        Answer whole = gateway.ask(two);
        Answer half = gateway.ask(two);

        assertThat(whole.text()).contains("\"y\"");
        assertThat(whole.done()).isTrue();
        assertThat(half.done()).isFalse();
        assertThat(half.comments()).containsExactly(": bactrian attempts openai/" + gateway.model() + "=STREAM_BROKEN");
        assertThat(half.chunks().getLast().at("/error/attempts/0/class").asText())
                .isEqualTo("STREAM_BROKEN");
    }

    @Test
    void an_empty_finish_reason_is_none() {
        String events = ChatStreams.chunk(0, "one", "") + ChatStreams.chunk(0, " two", "");
        gateway.stub("openai").answers(HandWrittenStream.paced(Duration.ofMillis(100), events));

        assertBroken(gateway.ask(gateway.along("openai", "f").stream(true)), "openai", "STREAM_BROKEN");
    }

    static Stream<Arguments> breaks() {
        List<UnaryOperator<ModelReply>> ways = List.of(
                r -> r.cutAfter(2),
                r -> r.endAfter(2),
                r -> r.resetAfter(2),
                r -> r.withoutFinish(),
                r -> r.withoutFinish().withoutDone());
        List<String> names = List.of("cut", "end", "reset", "no finish", "nothing at the end");
        return IntStream.range(0, ways.size()).boxed().flatMap(i -> Stream.of("openai", "anthropic")
                .map(api -> Arguments.of(api, names.get(i), ways.get(i))));
    }

    /** The stream ended with an error event, and with nothing that looks like a success. */
    private static void assertBroken(Answer answer, String provider, String type) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.done()).isFalse();
        assertThat(ChatStreams.finishReasons(answer)).isEmpty();
        JsonNode error = answer.chunks().getLast().path("error");
        String target = error.at("/attempts/0/target").asText();
        assertThat(error.path("message").asText()).isNotBlank();
        assertThat(target).startsWith(provider + "/");
        assertThat(error.at("/attempts/0/class").asText()).isEqualTo(type);
        assertThat(answer.comments()).containsExactly(": bactrian attempts " + target + "=" + type);
        assertThat(answer.brokenOff()).isTrue();
    }
}
