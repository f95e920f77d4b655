package io.bactrian.behaviour;

import static io.bactrian.behaviour.MessagesErrors.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import io.bactrian.testing.Reply;
import io.bactrian.testing.Request;
import io.bactrian.testing.Scene;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors of the Messages endpoint: all of them come in the format of Anthropic Messages. */
final class MessagesErrorsIT {
    private static final String MESSAGES = "/v1/messages";
    private static final String ANTHROPIC_KEY = "sk-ant-api03-keyOfTheAnthropicAccount_-AA";
    private static final String OPENAI_KEY = "sk-proj-Wb8keyOfTheOpenAiAccount0123456789";
    private static final List<String> JSON = List.of("content-type: application/json");
    private static final String GOOD = "{\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.max-attempts=1",
                    "bactrian.defaults.breaker.failures=1000",
                    "bactrian.providers.a.api-key=" + ANTHROPIC_KEY,
                    "bactrian.providers.o.api-key=" + OPENAI_KEY,
                    "bactrian.providers.refused-a.api-key=" + ANTHROPIC_KEY,
                    "bactrian.providers.refused-o.api-key=" + OPENAI_KEY,
                    "bactrian.server.max-body=64KB",
                    "bactrian.targets.narrow.provider=a",
                    "bactrian.targets.narrow.model=narrow",
                    "bactrian.targets.narrow.context-tokens=10",
                    "bactrian.chains.default=a/model-a, o/model-o")
            .anthropic("a", "refused-a")
            .openai("o", "refused-o")
            .chains("a, o", "patience=0s");

    private final StubProvider a = gateway.stub("a");
    private final StubProvider o = gateway.stub("o");

    @ParameterizedTest
    @MethodSource("verdicts")
    void what_ended_the_request_has_its_status_and_type(String provider, Reply reply, int status, String words) {
        (provider.equals("a") ? a : o).answers(reply);
        for (boolean stream : List.of(false, true)) {
            Answer answer = gateway.ask(fresh(provider, stream));

            assertError(answer, status);
            assertThat(answer.error("message")).contains(words);
            if (words.startsWith("prompt")) {
                assertThat(answer.error("message")).startsWith(words);
            }
            assertThat(answer.json().at("/error/attempts/0/class").asText()).isNotEmpty();
            assertThat(answer.attempts()).startsWith(provider + "/");
            assertThat(answer.text()).doesNotContain("<html", "<!DOCTYPE");
        }
    }

    @Test
    void a_prompt_that_no_window_holds_is_told_in_the_words_that_clients_look_for() {
        Answer answer = gateway.ask(Request.of("narrow").by(Caller.MESSAGES).saying("many words ".repeat(100)));

        assertError(answer, 400);
        assertThat(answer.error("message")).startsWith("prompt is too long");
        assertThat(answer.header("x-bactrian-skipped")).isEqualTo("narrow=context");
        assertThat(a.calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rate_limits_of_all_are_a_429_with_the_time_to_wait(boolean stream) {
        a.answers(Reply.error(429, "rate_limit_error", null, "Slow down", "retry-after", "50"));
        o.answers(Reply.error(429, "tokens", "rate_limit_exceeded", "Slow down", "retry-after", "20"));

        Answer answer = gateway.ask(Request.of(gateway.chain("a, o", "patience=0s")).by(Caller.MESSAGES).stream(stream)
                .header("x-bactrian-timeout", "1000"));

        assertError(answer, 429);
        assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(16, 20);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_deadline_is_a_504(boolean stream) {
        o.answers(Reply.silence());

        assertError(gateway.ask(fresh("o", stream).header("x-bactrian-timeout", "200")), 504);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_refused_provider_key_is_an_outage_and_is_not_shown_to_the_caller(String provider) {
        String key = provider.equals("a") ? ANTHROPIC_KEY : OPENAI_KEY;
        gateway.stub("refused-" + provider)
                .answers(Reply.error(
                        401,
                        "authentication_error",
                        "invalid_api_key",
                        "Incorrect API key: " + key,
                        "set-cookie",
                        "c=1"));

        Answer answer = gateway.ask(Request.of("refused-" + provider + "/m").by(Caller.MESSAGES));

        assertError(answer, 529);
        assertThat(answer.text() + answer.response().headers().map())
                .doesNotContain(key, "keyOfThe", "0123456789", "set-cookie");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_breaks_ends_in_an_error_and_not_as_whole(String provider) {
        (provider.equals("a") ? a : o)
                .answers(Reply.text("One two three four")
                        .everyToken(Duration.ofMillis(30))
                        .cutAfter(2));

        Answer answer = gateway.ask(fresh(provider, true).header("x-request-id", "mine-8"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(Caller.MESSAGES.words(answer)).isEqualTo("One two");
        assertThat(Caller.MESSAGES.done(answer)).isFalse();
        assertThat(Caller.MESSAGES.finishes(answer)).isEmpty();
        assertThat(answer.text().lines().filter("event: error"::equals)).hasSize(1);
        JsonNode last = answer.chunks().getLast();
        assertThat(last.path("type").asText()).isEqualTo("error");
        assertThat(last.at("/error/type").asText()).isEqualTo("api_error");
        assertThat(last.at("/error/message").asText()).isNotBlank();
        assertThat(last.path("request_id").asText()).isEqualTo("mine-8");
    }

    @Test
    void an_error_in_the_middle_of_a_stream_is_told_without_the_providers_own_words() {
        a.answers(Reply.text("One two three")
                .everyToken(Duration.ofMillis(30))
                .errorEventAfter(
                        2,
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Key "
                                + ANTHROPIC_KEY + "\"},\"request_id\":\"req_theirs\"}"));

        Answer answer = gateway.ask(fresh("a", true));

        assertThat(answer.chunks().getLast().path("type").asText()).isEqualTo("error");
        assertThat(Caller.MESSAGES.done(answer)).isFalse();
        assertThat(answer.text()).doesNotContain("keyOfThe", "req_theirs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json | JSON",
                "[] | JSON",
                "'' | JSON",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]} | max_tokens",
                "{\"max_tokens\":\"9\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]} | max_tokens",
                "{\"max_tokens\":-1,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]} | max_tokens",
                "{\"max_tokens\":9} | messages",
                "{\"max_tokens\":9,\"messages\":[]} | messages",
                "{\"max_tokens\":9,\"stream\":\"yes\",\"messages\":[]} | stream",
                "{\"max_tokens\":9,\"max_tokens\":9,\"messages\":[]} | max_tokens",
            })
    void a_body_that_is_no_request_is_a_400_that_says_why(String body, String words) {
        Response response = RawHttp.send(gateway.port(), "POST " + MESSAGES, JSON, body);

        assertError(response, 400);
        assertThat(response.json().at("/error/message").asText()).contains(words);
        assertThat(a.calls()).isEmpty();
    }

    @Test
    void a_model_that_nobody_knows_is_a_404_that_lists_what_there_is() {
        Answer answer = gateway.ask(Request.of("nobody").by(Caller.MESSAGES));

        assertError(answer, 404);
        assertThat(answer.error("message")).contains("'nobody'", "There is: default");
    }

    @Test
    void bodies_types_methods_and_paths_that_do_not_fit_are_told_in_the_same_format() {
        String much = GOOD.replace("Hi", "x".repeat(70_000));
        assertError(RawHttp.send(gateway.port(), "POST " + MESSAGES, JSON, much), 413);
        assertError(RawHttp.chunked(gateway.port(), "POST " + MESSAGES + "/count_tokens", JSON, much), 413);
        assertError(RawHttp.send(gateway.port(), "POST " + MESSAGES, List.of("content-type: text/plain"), GOOD), 415);
        for (String path : List.of(MESSAGES, MESSAGES + "/count_tokens")) {
            Response response = RawHttp.send(gateway.port(), "GET " + path + "?beta=true", List.of(), "");
            assertError(response, 405);
            assertThat(response.header("allow")).isEqualTo("POST");
        }
        for (String path : List.of("/batches", "/batches/msgbatch_1/results", "/count_tokens/more")) {
            assertError(RawHttp.send(gateway.port(), "POST " + MESSAGES + path, JSON, GOOD), 404);
        }
    }

    @Test
    void keys_of_callers_are_asked_for_in_either_header() {
        try (Scene locked = Scene.with("bactrian.server.keys=one:first-key-1")
                .anthropic("p")
                .start()) {
            for (String path :
                    List.of(MESSAGES, MESSAGES + "?beta=true", MESSAGES + "/count_tokens", MESSAGES + "/x")) {
                for (String key : List.of("x-none: 1", "x-api-key: wrong", "authorization: Bearer wrong")) {
                    Response response = RawHttp.send(
                            locked.port(), "POST " + path, List.of("content-type: application/json", key), GOOD);
                    assertError(response, 401);
                    assertThat(response.head() + response.body()).doesNotContain("wrong", "first-key");
                }
            }
            assertThat(locked.stub("p").calls()).isEmpty();
            assertThat(locked.post(MESSAGES, GOOD, "x-api-key", "first-key-1").status())
                    .isEqualTo(200);
            assertThat(locked.post(MESSAGES, GOOD, "authorization", "Bearer first-key-1")
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void too_many_requests_in_flight_are_a_529_for_a_second() {
        CountDownLatch released = new CountDownLatch(1);
        try (Scene small =
                Scene.with("bactrian.server.max-in-flight=1").anthropic("p").start()) {
            small.stub("p").answers(Reply.text("slow").heldUntil(released));
            CompletableFuture<Answer> inside =
                    small.askInBackground(Request.of("default").by(Caller.MESSAGES));
            await().until(() -> small.stub("p").calls().size() == 1);

            Response refused = RawHttp.send(small.port(), "POST " + MESSAGES, JSON, GOOD);

            assertError(refused, 529);
            assertThat(refused.header("retry-after")).isEqualTo("1");
            released.countDown();
            assertThat(inside.join().status()).isEqualTo(200);
            // A place is free a moment after its answer has gone.
            await().until(() -> small.post(MESSAGES, GOOD).status() == 200);
        }
    }

    /** With a model that was never asked for. */
    private static Request fresh(String provider, boolean stream) {
        return Request.of(provider + "/" + gateway.freshModel()).by(Caller.MESSAGES).stream(stream);
    }

    /** Failures that rest no key: there is one for all the tests. */
    static Stream<Arguments> verdicts() {
        Reply tooLong = Reply.error(400, "invalid_request_error", "context_length_exceeded", "too many tokens");
        return Stream.of(
                Arguments.of("a", Reply.error(400, "invalid_request_error", null, "top_k: not so"), 400, "top_k"),
                Arguments.of("o", Reply.error(400, "invalid_request_error", "bad", "'seed' is odd"), 400, "seed"),
                Arguments.of("o", Reply.error(422, "invalid_request_error", null, "'seed' is odd"), 400, "seed"),
                Arguments.of(
                        "a",
                        Reply.error(400, "invalid_request_error", null, "Output blocked by content filtering policy"),
                        400,
                        "content filtering"),
                Arguments.of(
                        "a",
                        Reply.error(
                                400,
                                "invalid_request_error",
                                null,
                                "prompt is too long: 250000 tokens > 200000 maximum"),
                        400,
                        "prompt is too long"),
                Arguments.of("a", Reply.error(413, "request_too_large", null, "Too large"), 400, "prompt is too long"),
                Arguments.of("o", tooLong, 400, "prompt is too long"),
                Arguments.of("a", Reply.error(404, "not_found_error", null, "model: m"), 404, "No provider has"),
                Arguments.of(
                        "o",
                        Reply.error(404, "invalid_request_error", "model_not_found", "none"),
                        404,
                        "No provider has"),
                Arguments.of("a", Reply.error(529, "overloaded_error", null, "Overloaded"), 529, "No provider could"),
                Arguments.of("a", Reply.error(500, "api_error", null, "Internal"), 529, "No provider could"),
                Arguments.of("o", Reply.status(502, "<html>", "content-type", "text/html"), 529, "No provider could"),
                Arguments.of("a", Reply.html(), 529, "No provider could"),
                Arguments.of("o", Reply.reset(), 529, "No provider could"));
    }
}
