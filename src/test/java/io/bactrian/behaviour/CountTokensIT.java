package io.bactrian.behaviour;

import static io.bactrian.behaviour.MessagesErrors.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The count of the tokens of a request that is not made: Anthropic's own, or an estimate. */
final class CountTokensIT {
    private static final String COUNT = "/v1/messages/count_tokens";
    private static final String KEY = "sk-ant-secret-of-ours";
    private static final String COUNTED = "{ \"input_tokens\": 2095 }";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=2",
                    "bactrian.defaults.breaker.open-for=5s",
                    "bactrian.providers.gone.api=anthropic",
                    "bactrian.chains.default=a/model-a, o/model-o",
                    "bactrian.chains.chat-first=o/gpt, a/claude-x")
            .and(Stream.of("p400", "p401", "p403", "p404", "p429", "p500", "p529")
                    .map(p -> "bactrian.providers." + p + ".api-key=" + KEY)
                    .toArray(String[]::new))
            .provider("gone", "http://127.0.0.1:1/v1")
            .anthropic("a", "p400", "p401", "p403", "p404", "p429", "p500", "p529")
            .openai("o");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider o = gateway.stub("o");

    @BeforeEach
    void counts() {
        a.answers(Reply.status(200, COUNTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?beta=true"})
    void a_request_goes_through_byte_for_byte_and_so_does_the_count(String query) {
        Answer answer = gateway.post(
                COUNT + query,
                request("a/claude-x").replaceFirst("\\{", "{\"fallbacks\":[\"o/gpt\"],"),
                "anthropic-version",
                "2026-10-21",
                "anthropic-beta",
                "token-counting-2024-11-01",
                "x-api-key",
                "key-of-the-caller");

        assertThat(answer.text()).isEqualTo(COUNTED);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("x-bactrian-estimate")).isEmpty();
        assertThat(answer.header("request-id")).isNotEmpty();
        Call call = a.lastCall();
        assertThat(call.path()).isEqualTo(COUNT);
        assertThat(call.text()).isEqualTo(request("claude-x"));
        assertThat(call.header("anthropic-version")).isEqualTo("2026-10-21");
        assertThat(call.header("anthropic-beta")).isEqualTo("token-counting-2024-11-01");
        assertThat(call.header("x-api-key")).isNull();
        assertThat(o.calls()).isEmpty();
    }

    @Test
    void the_first_of_the_chain_is_asked() {
        assertThat(gateway.post(COUNT, request("default")).text()).isEqualTo(COUNTED);
        assertThat(a.lastCall().model()).isEqualTo("model-a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat-first", "o/gpt"})
    void where_the_first_is_no_anthropic_model_the_tokens_are_estimated(String model) {
        Answer answer = gateway.post(COUNT + "?beta=true", request(model));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("input_tokens").asInt()).isBetween(50, 2000);
        assertThat(answer.header("x-bactrian-estimate")).isEqualTo("true");
        assertThat(answer.header("request-id")).isNotEmpty();
        assertThat(answer.header("x-bactrian-attempts")).isEmpty();
        assertThat(a.calls()).isEmpty();
        assertThat(o.calls()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request_error, 400",
        "401, authentication_error, 529",
        "403, permission_error, 529",
        "404, not_found_error, 404",
        "429, rate_limit_error, 429",
        "500, api_error, 529",
        "529, overloaded_error, 529"
    })
    void an_error_of_the_provider_is_told_as_at_the_messages_endpoint(int status, String type, int told) {
        StubProvider own = gateway.stub("p" + status);
        own.answers(Reply.error(status, type, null, "It is " + KEY, "retry-after", "7"));

        Answer answer = gateway.post(COUNT, request("p" + status + "/claude-x"));

        assertError(answer, told);
        assertThat(answer.text()).doesNotContain("secret-of-ours");
        assertThat(answer.attempts()).startsWith("p" + status + "/claude-x=");
        assertThat(own.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"type\":\"message\"}", "[]", "oops", "<html>"})
    void an_answer_that_is_no_count_is_an_outage(String body) {
        a.answers(Reply.status(200, body));

        assertError(gateway.post(COUNT, request("a/claude-x")), 529);
    }

    @Test
    void a_provider_that_is_gone_or_silent_is_told_soon() {
        Answer gone = gateway.post(COUNT, request("gone/claude-x"));
        a.answers(Reply.silence());
        Answer silent = gateway.post(COUNT, request("a/claude-x"), "x-bactrian-timeout", "300");

        assertError(gone, 529);
        assertError(silent, 504);
        assertThat(List.of(gone.took(), silent.took())).allMatch(t -> t.compareTo(Duration.ofSeconds(2)) < 0);
    }

    @Test
    void what_is_no_request_is_not_counted() {
        assertError(gateway.post(COUNT, "{}"), 400);
        assertError(gateway.post(COUNT, "not json"), 400);
        assertError(gateway.post(COUNT, request("nobody")), 404);
        assertThat(a.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "a/only-callers-name-it"})
    void a_count_says_nothing_of_the_health_of_a_model(String model) {
        String hi = Caller.MESSAGES.body(model, false, "{\"stream\":false}");
        a.answers(Reply.status(500, "oops"));
        for (int i = 0; i < 5; i++) {
            assertError(gateway.post(COUNT, request(model)), 529);
        }
        a.answers(Reply.text("well"));
        Answer after = gateway.post("/v1/messages", hi);
        assertThat(after.attempts()).startsWith("a/").endsWith("=OK").doesNotContain(",");

        a.answers(Reply.status(500, "oops"));
        gateway.post("/v1/messages", hi, "x-bactrian-fallback", "off");
        a.answers(Reply.status(200, COUNTED));
        gateway.post(COUNT, request(model));
        a.answers(Reply.status(500, "oops"));
        gateway.post("/v1/messages", hi, "x-bactrian-fallback", "off");
        a.forget();
        Answer open = gateway.post("/v1/messages", hi, "x-bactrian-fallback", "off", "x-bactrian-timeout", "100");
        assertThat(open.status()).isEqualTo(529);
        assertThat(a.calls()).as("calls to an open breaker").isEmpty();
    }

    private static String request(String model) {
        return MessagesSamples.request(model).replace("\"max_tokens\":2048,", "");
    }
}
