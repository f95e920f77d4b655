package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations that Anthropic stores: a caller that starts one learns when other vendors may answer, and sends the whole. */
final class ThreadIT {
    private static final String CREATE = "{\"thread\":{\"type\":\"create\"}}";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with().openai("o").anthropic("a", "b");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void new_thread_is_refused_where_another_vendor_may_answer(boolean stream) {
        String model = gateway.freshModel();

        Answer answer = ask(CREATE, stream, "a/" + model, "o/" + model);

        assertThat(answer.status()).isEqualTo(400);
        JsonNode error = answer.json().path("error");
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.at("/details/error_code").asText()).isEqualTo("thread_unsupported_request");
        assertThat(error.at("/details/unsupported").toString()).isEqualTo("[\"thread\"]");
        assertThat(gateway.stub("a").calls()).isEmpty();

        Caller.MESSAGES.assertWhole(ask("{}", stream, "a/" + model, "o/" + model), stream, "Hello from the stub.");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void new_thread_passes_where_all_speak_the_protocol(boolean stream) {
        String model = gateway.freshModel();

        Answer answer = ask(CREATE, stream, "a/" + model, "b/" + model);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(gateway.stub("a").call(1).json().at("/thread/type").asText()).isEqualTo("create");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void new_thread_passes_to_the_one_target_that_may_answer(boolean stream) {
        String model = gateway.freshModel();

        Answer answer = gateway.ask(Request.of("a/" + model).by(Caller.MESSAGES).stream(stream)
                .fields(CREATE)
                .fallbacks("o/" + model)
                .header("x-bactrian-fallback", "off"));

        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stored_thread_goes_to_who_stores_it(boolean stream) {
        String model = gateway.freshModel();

        Answer answer = ask("{\"thread\":{\"id\":\"thread_1\"}}", stream, "o/" + model, "a/" + model);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("o/" + model + "=stored-conversation");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void providers_own_refusal_of_a_thread_keeps_its_code(boolean stream) {
        gateway.stub("a").answers(Reply.status(400, """
            {"type":"error","error":{"type":"invalid_request_error","message":"No threads here.",
             "details":{"error_code":"thread_unsupported_request","unsupported":["thread"]}}}\
            """));
        String model = gateway.freshModel();

        Answer answer = ask(CREATE, stream, "a/" + model, "b/" + model);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/details/error_code").asText()).isEqualTo("thread_unsupported_request");
        assertThat(answer.json().at("/error/details/unsupported").toString()).isEqualTo("[\"thread\"]");
    }

    private static Answer ask(String fields, boolean stream, String model, String... others) {
        return gateway.ask(Request.of(model).by(Caller.MESSAGES).stream(stream)
                .fields(fields)
                .fallbacks(others));
    }
}
