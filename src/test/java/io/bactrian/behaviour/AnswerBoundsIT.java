package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that take the memory or the time of the gateway: the next candidate answers in their place. */
final class AnswerBoundsIT {
    private static final String SAYS = "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,"
            + "\"message\":{\"role\":\"assistant\",\"content\":\"1\"},\"finish_reason\":\"stop\"}],\"x\":[";
    private static final String CHUNK =
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
                    + "\"delta\":{\"role\":\"assistant\",\"content\":\"1\"},\"finish_reason\":null}],\"x\":[";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1", "bactrian.defaults.breaker.failures=1000")
            .openai("p", "f")
            .chains("p, f");

    static Stream<Named<Reply>> heads() {
        return Stream.of(
                Named.of("many lines", head("x-filler: " + "x".repeat(1_000) + "\r\n", 1_000)),
                Named.of("long line", head("x-filler: " + "x".repeat(60_000) + "\r\n", 1)),
                Named.of("much in all", head("x-filler: " + "x".repeat(10_000) + "\r\n", 60)),
                Named.of("status line", raw("HTTP/1.1 200 " + "x".repeat(1 << 20) + "\r\n\r\n")),
                Named.of("interim responses", raw("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(10_000))));
    }

    @ParameterizedTest
    @MethodSource("heads")
    void a_head_without_end_is_no_answer(Reply reply) {
        gateway.stub("p").answers(reply);

        assertNextAnswers(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[],", "{\"a\":0},"})
    void a_document_of_many_small_parts_is_no_answer(String part) {
        gateway.stub("p").answers(Reply.status(200, SAYS + part.repeat(1_500_000) + "0]}"));

        assertNextAnswers(false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[],", "{\"a\":0},"})
    void an_event_of_many_small_parts_is_no_answer(String part) {
        String finish = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
        gateway.stub("p").answers(Reply.sse(CHUNK + part.repeat(1_500_000) + "0]}\n\n" + finish + "data: [DONE]\n\n"));

        assertNextAnswers(true);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_document_that_never_ends_is_no_answer(boolean stream) {
        gateway.stub("p")
                .answers(Reply.body(200, SAYS.concat(" ".repeat(66 << 20)).getBytes(), Map.of()));

        assertNextAnswers(stream);
    }

    private static void assertNextAnswers(boolean stream) {
        gateway.stub("f").answers(Reply.text("Hello."));

        Answer answer = gateway.ask(Caller.CHAT, gateway.chain("p, f"), stream, "{}");

        Caller.CHAT.assertWhole(answer, stream, "Hello.");
        assertThat(answer.outcomes()).isEqualTo("p=INVALID_RESPONSE, f=OK");
    }

    private static Reply head(String line, int times) {
        String body = SAYS + "]}";
        return raw("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + body.length() + "\r\n"
                + line.repeat(times) + "\r\n" + body);
    }

    private static Reply raw(String response) {
        return Reply.raw(response).thenClose();
    }
}
