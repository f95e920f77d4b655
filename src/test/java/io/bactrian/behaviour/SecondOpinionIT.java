package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Refusals of a request that may be one provider's own: another provider is asked once, and the first refusal counts. */
final class SecondOpinionIT {
    private static final String WORDS = "One two three four.";

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("""
                bactrian.defaults.backoff=10ms
                bactrian.defaults.breaker.failures=1
                bactrian.chains.strict=o/strict, f/strict
                bactrian.chains-options.strict.invalid-request=return
                bactrian.chains.patient=o/patient, f/patient, a/patient
                bactrian.chains-options.patient.invalid-request=next\
                """).openai("o", "f").anthropic("a");

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void request_that_one_provider_refuses_is_answered_by_another(Caller caller, boolean stream) {
        gateway.stub("o").answers(refusal("We do not serve this."));
        gateway.stub("f").answers(Reply.text(WORDS));
        String model = gateway.freshModel();

        for (int i = 0; i < 3; i++) {
            Answer answer = ask(caller, stream, "o/" + model, "f/" + model);

            caller.assertWhole(answer, stream, WORDS);
            assertThat(answer.outcomes()).as("the breaker counts nothing").isEqualTo("o=INVALID_REQUEST, f=OK");
        }
    }

    @ParameterizedTest
    @MethodSource("io.bactrian.testing.Caller#ways")
    void first_refusal_is_returned_if_the_second_provider_refuses_as_well(Caller caller, boolean stream) {
        gateway.stub("o").answers(refusal("The first refusal."));
        gateway.stub("f").answers(refusal("The second refusal."));
        gateway.stub("a").answers(Reply.text(WORDS));
        String model = gateway.freshModel();

        Answer answer = ask(caller, stream, "o/" + model, "f/" + model, "a/" + model);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo("The first refusal.");
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST, f=INVALID_REQUEST");
        assertThat(gateway.stub("a").calls()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void failure_of_another_kind_is_no_opinion(Caller caller) {
        gateway.stub("o").answers(refusal("The first refusal."));
        gateway.stub("f").answers(Reply.status(503, "{}"));
        gateway.stub("a").answers(Reply.text(WORDS));
        String model = gateway.freshModel();

        Answer answer = ask(caller, false, "o/" + model, "f/" + model, "a/" + model);

        caller.assertWhole(answer, false, WORDS);
        assertThat(answer.outcomes())
                .startsWith("o=INVALID_REQUEST, f=OVERLOADED")
                .endsWith("a=OK");

        Answer nobody = ask(caller, false, "o/" + model, "f/" + model);

        assertThat(nobody.status()).isEqualTo(400);
        assertThat(nobody.error("message")).isEqualTo("The first refusal.");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void one_provider_alone_is_asked_once(Caller caller) {
        gateway.stub("o").answers(refusal("We do not serve this."));

        Answer answer = ask(caller, false, "o/" + gateway.freshModel(), "o/" + gateway.freshModel());

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void what_is_surely_the_callers_mistake_costs_one_call_in_all(Caller caller) {
        gateway.stub("o")
                .answers(Reply.error(400, "invalid_request_error", "missing_required_parameter", "No role is given."));
        String model = gateway.freshModel();

        Answer answer = ask(caller, false, "o/" + model, "f/" + model);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("message")).isEqualTo("No role is given.");
        assertThat(answer.outcomes()).isEqualTo("o=INVALID_REQUEST");
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void chain_may_return_refusals_at_once_or_ask_everyone(boolean stream) {
        gateway.stub("o").answers(refusal("The first refusal."));
        gateway.stub("f").answers(refusal("The second refusal."));
        gateway.stub("a").answers(Reply.text(WORDS));

        Answer strict = gateway.ask(Request.of("strict").stream(stream));

        assertThat(strict.status()).isEqualTo(400);
        assertThat(strict.attempts()).isEqualTo("o/strict=INVALID_REQUEST");

        Answer patient = gateway.ask(Request.of("patient").stream(stream));

        Caller.CHAT.assertWhole(patient, stream, WORDS);
        assertThat(patient.attempts()).isEqualTo("o/patient=INVALID_REQUEST, f/patient=INVALID_REQUEST, a/patient=OK");
    }

    private static Answer ask(Caller caller, boolean stream, String model, String... others) {
        return gateway.ask(Request.of(model).by(caller).stream(stream).fallbacks(others));
    }

    private static Reply refusal(String message) {
        return Reply.error(400, "invalid_request_error", null, message);
    }
}
