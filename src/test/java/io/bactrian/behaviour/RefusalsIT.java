package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Refusals of the way of asking: the target is asked in another way, at once, and from then on. */
final class RefusalsIT {
    private static final String WORDS = "One two three four.";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.backoff=10ms
                bactrian.defaults.breaker.failures=1000""").openai("o", "f").anthropic("a", "b");

    @ParameterizedTest(name = "{0} stream {1}: {2} refuses {3}: {4}")
    @MethodSource("streamRefusals")
    void refused_stream_is_asked_for_otherwise_and_remembered(
            Caller caller, boolean stream, String provider, String field, String refusal) {
        int status = refusal.contains("loc") ? 422 : 400;
        gateway.stub(provider)
                .on(refuses(call -> call.json().has(field), Reply.status(status, quoted(refusal)), Reply.text(WORDS)));
        String model = provider + "/" + gateway.freshModel();

        Answer answer = gateway.ask(caller, model, stream, "{}");

        caller.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo(provider + "=UNSUPPORTED, " + provider + "=OK");
        assertThat(answer.text()).doesNotContain("refused", "not supported", "Unrecognized", "permitted", "verified");
        assertThat(answer.header("x-bactrian-fallbacks")).isEqualTo("0");

        Answer again = gateway.ask(caller, model, stream, "{}");

        caller.assertWhole(again, stream, WORDS);
        assertThat(again.outcomes()).as("it is remembered").isEqualTo(provider + "=OK");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void one_that_refuses_the_options_and_the_stream_is_asked_thrice_at_most(Caller caller, boolean stream) {
        gateway.stub("o")
                .on(call -> call.json().has("stream_options")
                        ? error("Unrecognized request argument supplied: stream_options")
                        : call.wantsStream() ? error("Streaming is not supported for this model") : Reply.text(WORDS));
        String model = gateway.freshModel();

        Answer answer =
                gateway.ask(Request.of("o/" + model).by(caller).stream(stream).fallbacks("f/" + model));

        caller.assertWhole(answer, stream, WORDS);
        assertThat(answer.outcomes()).isEqualTo("o=UNSUPPORTED, o=UNSUPPORTED, o=OK");
        assertThat(gateway.ask(Request.of("o/" + model).by(caller).stream(stream)
                                .fallbacks("f/" + model))
                        .outcomes())
                .isEqualTo("o=OK");
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void words_of_the_caller_in_a_refusal_teach_nothing(Caller caller, boolean stream) {
        gateway.stub("o")
                .answers(
                        Reply.status(
                                400,
                                quoted(
                                        "{'error':{'message':'Unrecognized characters: a stream at a temperature with"
                                                + " stream_options','type':'invalid_request_error','param':'messages[0].content','code':'invalid_value'}}")),
                        Reply.text(WORDS));
        String model = "o/" + gateway.freshModel();

        Answer answer = gateway.ask(caller, model, stream, "{\"temperature\":0.5}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");

        gateway.ask(caller, model, stream, "{\"temperature\":0.5}");

        assertThat(gateway.stub("o").call(2).json())
                .isEqualTo(gateway.stub("o").call(1).json());
        assertThat(gateway.stub("o").call(2).wantsStream()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void mistake_in_a_value_is_the_callers_and_stays_so(Caller caller, boolean stream) {
        gateway.stub("o")
                .answers(
                        Reply.status(
                                400,
                                quoted(
                                        "{'error':{'message':'Invalid temperature: decimal above maximum value."
                                                + " Expected a value <= 2, but got 5"
                                                + " instead.','type':'invalid_request_error','param':'temperature','code':'decimal_above_max_value'}}")));
        String model = "o/" + gateway.freshModel();

        for (int i = 1; i <= 2; i++) {
            Answer answer = gateway.ask(caller, model, stream, "{\"temperature\":5}");

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
            assertThat(gateway.stub("o").call(i).json().path("temperature").asInt())
                    .isEqualTo(5);
        }
    }

    static Stream<Arguments> streamRefusals() {
        return Caller.ways().flatMap(way -> Stream.of(
                        "o|stream|{'error':{'message':'Your organization must be verified to stream this"
                                + " model.','type':'invalid_request_error','param':'stream','code':'unsupported_value'}}",
                        "o|stream|{'error':{'message':'stream is not"
                                + " supported','type':'invalid_request_error','param':null,'code':null}}",
                        "o|stream|{'detail':[{'type':'extra_forbidden','loc':['body','stream'],'msg':'Extra inputs are"
                                + " not permitted'}]}",
                        "o|stream_options|{'error':{'message':'Unrecognized request argument supplied:"
                                + " stream_options','type':'invalid_request_error','param':null,'code':null}}",
                        "o|stream_options|{'detail':[{'type':'extra_forbidden','loc':['body','stream_options'],'msg':'Extra"
                                + " inputs are not permitted'}]}",
                        "o|stream_options|{'object':'error','message':'stream_options is"
                                + " unsupported','type':'BadRequestError','code':400}",
                        "a|stream|{'type':'error','error':{'type':'invalid_request_error','message':'stream: Extra"
                                + " inputs are not permitted'}}")
                .map(row -> row.split("\\|"))
                .map(row -> Arguments.of(way.get()[0], way.get()[1], row[0], row[1], row[2])));
    }

    private static Function<Call, Reply> refuses(Predicate<Call> what, Reply refusal, Reply answer) {
        return call -> what.test(call) ? refusal : answer;
    }

    private static Reply error(String message) {
        return Reply.error(400, "invalid_request_error", null, message);
    }

    private static String quoted(String json) {
        return json.replace('\'', '"');
    }
}
