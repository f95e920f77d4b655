package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings: the path of chat, along a chain of their own, in which one model never stands in for another. */
final class EmbeddingsIT {
    private static final String PATH = "/v1/embeddings";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.upstream-streaming=on",
                    "bactrian.drills=true",
                    "bactrian.chains.embeddings=x/claude, a/small, b/vendor/Small:latest, b/other",
                    "bactrian.chains.mixed=a/mixed, b/another",
                    "bactrian.chains-options.mixed.embeddings-mix=true",
                    "bactrian.chains.racing=race(a/racer, b/racer)",
                    "bactrian.chains.weighted=balance(a/weighted*1, b/heavier*1000)",
                    "bactrian.chains.kept=a/kept, stale",
                    "bactrian.chains.fixed=a/fixed, static:sorry",
                    "bactrian.static.sorry=Sorry.",
                    "bactrian.aliases=vec-*: embeddings, unheard-*: default, secret: mixed, a/hidden: default")
            .openai("a", "b")
            .anthropic("x");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider b = gateway.stub("b");

    @BeforeEach
    void answer() {
        a.on(call -> vectors(1));
        b.on(call -> vectors(1));
    }

    @Test
    void request_and_answer_pass_byte_for_byte_but_for_the_model() {
        String vectors = "{ \"data\":[{\"embedding\":[0.10, -2e-3],\"index\":0}],\"usage\":{\"prompt_tokens\":3} }";
        a.answers(Reply.status(200, vectors));

        Answer answer = gateway.post(
                PATH,
                "{\"input\": \"Hi\", \"model\":\"embeddings\", \"dimensions\":2}",
                "x-request-id",
                "mine",
                "authorization",
                "Bearer callers");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo(vectors);
        assertThat(a.lastCall().path()).isEqualTo("/v1/embeddings");
        assertThat(a.lastCall().text()).isEqualTo("{\"input\": \"Hi\",\"model\":\"small\",\"dimensions\":2}");
        assertThat(a.lastCall().header("authorization")).isNull();
        assertThat(answer.header("x-request-id")).isEqualTo("mine");
        assertThat(answer.header("x-bactrian-target")).isEqualTo("a/small");
        assertThat(answer.attempts()).isEqualTo("a/small=OK");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("x/claude=embeddings, b/other=model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"default", "embeddings", "small", "SMALL:latest", "vendor/small", "vec-1", "unheard-of"})
    void the_chain_for_embeddings_is_found_by_many_names(String model) {
        assertThat(gateway.post(PATH, request(model, "\"Hi\"")).attempts()).isEqualTo("a/small=OK");
        assertThat(gateway.post(PATH, "{\"input\":\"Hi\"}").attempts()).isEqualTo("a/small=OK");
    }

    @Test
    void the_bare_name_of_a_model_is_answered_by_that_model_alone() {
        Answer answer = gateway.post(PATH, request("other", "\"Hi\""));

        assertThat(answer.attempts()).isEqualTo("b/other=OK");
        assertThat(b.lastCall().model()).isEqualTo("other");
    }

    @Test
    void an_alias_and_a_model_written_out_mean_what_they_mean_in_chat() {
        assertThat(gateway.post(PATH, request("secret", "\"Hi\"")).attempts()).isEqualTo("a/mixed=OK");
        Answer alone = gateway.post(PATH, request("b/vendor/Small:latest", "\"Hi\""));
        assertThat(alone.attempts()).isEqualTo("b/vendor/Small:latest=OK");
        assertThat(alone.header("x-bactrian-skipped")).isEmpty();
    }

    @Test
    void an_alias_to_the_chat_models_does_not_hide_a_model_written_out() {
        assertThat(gateway.post(PATH, request("a/hidden", "\"Hi\"")).attempts()).isEqualTo("a/hidden=OK");
    }

    @Test
    void the_same_model_at_another_provider_stands_in() {
        a.answers(Reply.status(500, "oops"));

        Answer answer = gateway.post(PATH, request("embeddings", "\"Hi\""));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.trail()).last().isEqualTo("b/vendor/Small:latest=OK");
        assertThat(answer.header("x-bactrian-skipped")).contains("b/other=model");
    }

    @Test
    void another_model_does_not_unless_the_chain_mixes_them() {
        a.answers(Reply.status(503, "oops"));

        String model = gateway.freshModel();
        Answer alone = gateway.post(PATH, along("a/" + model, "b/" + model + "-large"));
        Answer mixed = gateway.post(PATH, request("mixed", "\"Hi\""));

        assertThat(alone.status()).isEqualTo(503);
        assertThat(alone.error("code")).isEqualTo("all_providers_failed");
        assertThat(alone.header("x-bactrian-skipped")).isEqualTo("b/" + model + "-large=model");
        assertThat(mixed.trail()).last().isEqualTo("b/another=OK");
    }

    @Test
    void a_group_answers_with_the_model_that_is_written_first() {
        Answer raced = gateway.gateway().post(PATH, request("racing", "\"Hi\""));
        Answer weighted = gateway.post(PATH, request("weighted", "\"Hi\""));

        assertThat(raced.status()).isEqualTo(200);
        assertThat(raced.header("x-bactrian-target")).endsWith("/racer");
        assertThat(weighted.attempts()).isEqualTo("a/weighted=OK");
        assertThat(weighted.header("x-bactrian-skipped")).isEqualTo("b/heavier=model");
    }

    @Test
    void earlier_vectors_are_a_last_resort_and_a_text_is_none() {
        Answer first = gateway.post(PATH, request("kept", "\"Hi\""));
        a.answers(Reply.status(503, "oops"));

        await().untilAsserted(() -> {
            Answer stale = gateway.post(PATH, request("kept", "\"Hi\""));
            assertThat(stale.header("x-bactrian-degraded")).isEqualTo("stale");
            assertThat(stale.text()).isEqualTo(first.text());
        });
        assertThat(gateway.post(PATH, request("fixed", "\"Hi\"")).status()).isEqualTo(503);
    }

    @ParameterizedTest
    @CsvSource({
        "401, AUTHENTICATION",
        "403, AUTHENTICATION",
        "404, MODEL_UNAVAILABLE",
        "429, RATE_LIMITED",
        "500, SERVER_ERROR",
        "503, OVERLOADED"
    })
    void a_failure_has_its_class_and_does_not_concern_chat(int status, String type) {
        String model = gateway.freshModel();
        a.answers(Reply.error(
                status, "invalid_request_error", null, "You are not allowed to do that.", "retry-after", "60"));

        Answer vectors = gateway.post(PATH, along("a/" + model, "b/" + model));
        Answer later = gateway.post(PATH, along("a/" + model, "b/" + model));
        a.answers(Reply.text("Hello from the stub."));

        assertThat(vectors.trail()).first().isEqualTo("a/" + model + "=" + type);
        assertThat(vectors.trail()).last().isEqualTo("b/" + model + "=OK");
        assertThat(later.status()).isEqualTo(200);
        if (status != 401) {
            assertThat(gateway.post("/v1/chat/completions", chat("a/" + model)).attempts())
                    .isEqualTo("a/" + model + "=OK");
        }
        gateway.post("/admin/targets/a/" + model + "/close", "");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"data\":[]}",
                "{\"data\":[{\"embedding\":[1]}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":[]}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1,null]}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":\"\"}]}",
                "{\"data\":[{\"embedding\":[1]},{\"index\":1}]}",
                "{\"data\":[{\"embedding\":[1]},{\"embedding\":[1]}",
                "{\"embeddings\":[[1],[2]]}",
                "{\"error\":{\"message\":\"out of memory\"}}",
                "[]",
                "<html>"
            })
    void an_answer_without_a_vector_for_each_input_is_none(String body) {
        a.answers(Reply.status(200, body));
        b.answers(vectors(2));
        String model = gateway.freshModel();

        Answer answer = gateway.post(PATH, along("a/" + model, "b/" + model).replace("\"Hi\"", "[\"one\",\"two\"]"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.trail().getFirst()).startsWith("a/" + model + "=").doesNotEndWith("=OK");
        assertThat(answer.json().path("data")).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"Hi\" | 1",
                "[\"a\"] | 1",
                "[\"a\",\"b\",\"\"] | 3",
                "[1,2,3] | 1",
                "[[1,2],[3]] | 2",
                "[{\"image\":\"x\"},{\"text\":\"y\"}] | 2"
            })
    void every_form_of_input_has_its_number_of_vectors(String input, int vectors) {
        a.answers(vectors(vectors));
        String model = gateway.freshModel();

        assertThat(gateway.post(PATH, request("a/" + model, input)).attempts()).isEqualTo("a/" + model + "=OK");
    }

    @Test
    void vectors_in_base64_pass() {
        a.answers(Reply.status(200, "{\"data\":[{\"embedding\":\"zczMPQ==\",\"index\":0}]}"));

        assertThat(gateway.post(PATH, request("a/" + gateway.freshModel(), "\"Hi\""))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"input\":null}",
                "{\"input\":[]}",
                "{\"input\":7}",
                "{\"input\":\"Hi\",\"stream\":true}",
                "[]",
                "oops"
            })
    void what_is_no_request_is_a_400(String body) {
        Answer answer = gateway.post(PATH, body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("type")).isEqualTo("invalid_request_error");
        assertThat(a.calls()).isEmpty();
    }

    @Test
    void failures_in_a_row_open_a_breaker_that_the_status_shows() {
        String model = gateway.freshModel();
        a.answers(Reply.status(500, "oops"));
        for (int i = 0; i < 3; i++) {
            gateway.post(PATH, along("a/" + model, "b/" + model));
        }
        int asked = a.calls().size();

        Answer open = gateway.post(PATH, along("a/" + model, "b/" + model));

        assertThat(open.header("x-bactrian-skipped")).isEqualTo("a/" + model + "=CIRCUIT_OPEN");
        assertThat(open.attempts()).isEqualTo("b/" + model + "=OK");
        assertThat(a.calls()).hasSize(asked);
    }

    @Test
    void the_target_of_a_chain_is_shown_with_the_service_it_is_asked_for() {
        a.answers(Reply.error(404, "invalid_request_error", null, "no such model"));
        gateway.post(PATH, request("mixed", "\"Hi\""));

        assertThat(gateway.status("a/mixed").path("service").asText()).isEqualTo("embeddings");
        assertThat(gateway.status("a/mixed").path("available").asBoolean()).isFalse();
        gateway.post("/admin/targets/a/mixed/close", "");
        assertThat(gateway.status("a/mixed").path("available").asBoolean()).isTrue();
    }

    @Test
    void a_drill_fails_a_target() {
        String model = gateway.freshModel();

        Answer answer = gateway.gateway()
                .post(PATH, along("a/" + model, "b/" + model), "x-bactrian-drill", "a/" + model + "=503");

        assertThat(answer.trail()).last().isEqualTo("b/" + model + "=OK");
        assertThat(answer.header("x-bactrian-drill")).contains("a/" + model);
        assertThat(a.calls()).isEmpty();
    }

    @Test
    void a_silent_provider_is_given_up_within_the_deadline() {
        a.answers(Reply.silence());
        String model = gateway.freshModel();

        Answer answer = gateway.post(PATH, along("a/" + model, "b/" + model), "x-bactrian-timeout", "600");

        assertThat(answer.outcomes()).isEqualTo("a=TIMEOUT, b=OK");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void only_post_is_served() {
        Answer get = gateway.get(PATH);

        assertThat(get.status()).isEqualTo(405);
        assertThat(get.header("allow")).isEqualTo("POST");
        assertThat(gateway.get(PATH + "/more").status()).isEqualTo(404);
    }

    @Test
    void many_long_vectors_pass() {
        String vector = IntStream.range(0, 1536).mapToObj(i -> "-0.0123456789").collect(Collectors.joining(","));
        String data = IntStream.range(0, 300)
                .mapToObj(i -> "{\"index\":" + i + ",\"embedding\":[" + vector + "]}")
                .collect(Collectors.joining(","));
        a.answers(Reply.status(200, "{\"data\":[" + data + "]}"));
        String inputs =
                IntStream.range(0, 300).mapToObj(i -> "\"text " + i + "\"").collect(Collectors.joining(","));

        Answer answer = gateway.post(PATH, request("a/" + gateway.freshModel(), "[" + inputs + "]"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().length).isGreaterThan(6_000_000);
    }

    private static Reply vectors(int count) {
        return Reply.status(
                200,
                "{\"object\":\"list\",\"data\":["
                        + IntStream.range(0, count)
                                .mapToObj(
                                        i -> "{\"object\":\"embedding\",\"index\":" + i + ",\"embedding\":[0.5,-0.5]}")
                                .collect(Collectors.joining(","))
                        + "],\"model\":\"m\",\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");
    }

    private static String request(String model, String input) {
        return "{\"model\":\"" + model + "\",\"input\":" + input + "}";
    }

    private static String along(String first, String second) {
        return "{\"model\":\"" + first + "\",\"fallbacks\":[\"" + second + "\"],\"input\":\"Hi\"}";
    }

    private static String chat(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    }
}
