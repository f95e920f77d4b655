package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import io.bactrian.testing.Reply;
import io.bactrian.testing.StubProvider;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What callers get wrong: each is told so in OpenAI's format, with a request id, and no provider is asked. */
final class BadInputIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String GOOD = "{" + MESSAGES + "}";
    private static final List<String> JSON = List.of("content-type: application/json");

    private static StubProvider p;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        p = StubProvider.openai();
        gateway = Gateway.over(Map.of("p", p), "bactrian.server.max-body=64KB");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        p.close();
    }

    @AfterEach
    void nobody_was_asked() {
        assertThat(p.calls()).isEmpty();
    }

    @Test
    void a_body_over_the_limit_is_a_413() {
        String much = GOOD.replace("Hi", "x".repeat(70_000));
        Response response = post(JSON, much);

        error(response, 413, "request_too_large");
        error(chunked(much), 413, "request_too_large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "application/xml",
                "no type at all",
                ""
            })
    void another_content_type_is_a_415(String type) {
        error(post(List.of("content-type: " + type), GOOD), 415, "unsupported_media_type");
    }

    @Test
    void a_missing_content_type_is_a_415_as_well() {
        error(post(List.of(), GOOD), 415, "unsupported_media_type");
    }

    static Stream<String> not_json() {
        return Stream.of(
                "",
                " ",
                "null",
                "[]",
                "42",
                "\"text\"",
                "{",
                "{\"messages\":[",
                "{\"messages\":[{}}",
                GOOD + "}",
                GOOD + GOOD,
                "{'messages':[]}",
                "{" + MESSAGES + ",}",
                "{" + MESSAGES + ",\"n\":99999999999999999999}",
                "{\"stream\":\"yes\"," + MESSAGES + "}",
                "{\"model\":7," + MESSAGES + "}",
                "model=default&messages=Hi",
                "\u0000" + GOOD,
                "{\"a\":".repeat(3000),
                "[".repeat(30_000),
                "{\"messages\":" + "[".repeat(20_000) + "]".repeat(20_000) + "}",
                "{" + MESSAGES + ",\"metadata\":" + "{\"a\":".repeat(2000) + "1" + "}".repeat(2001));
    }

    @ParameterizedTest
    @MethodSource("not_json")
    void what_is_not_a_json_object_is_a_400(String body) {
        error(post(JSON, body), 400, null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"model\":\"default\"}",
                "{\"messages\":[]}",
                "{\"messages\":null}",
                "{\"messages\":\"Hi\"}",
                "{\"messages\":{}}",
                "{\"messages\":[\"Hi\"]}",
            })
    void messages_are_missed(String body) {
        Response response = post(JSON, body);

        error(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo("messages");
    }

    @Test
    void bytes_that_are_no_utf8_are_a_400() {
        byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
        body[GOOD.indexOf("Hi")] = (byte) 0xff;
        error(RawHttp.send(gateway.port(), "POST " + CHAT, JSON, body), 400, null);
        error(RawHttp.send(gateway.port(), "POST " + CHAT, JSON, GOOD.getBytes(StandardCharsets.UTF_16BE)), 400, null);
    }

    @Test
    void a_field_that_is_there_twice_is_a_400() {
        Response response = post(JSON, "{\"model\":\"default\",\"model\":\"p/other\"," + MESSAGES + "}");

        error(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo("model");
        assertThat(message(response)).contains("'model'", "twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-9", "q/model", "p/", "/", "*"})
    void an_unknown_model_is_a_404_that_lists_what_there_is(String model) {
        Response response = post(JSON, "{\"model\":\"" + model + "\"," + MESSAGES + "}");

        error(response, 404, "model_not_found");
        assertThat(message(response)).contains("'" + model + "'", "There is: default");
        assertThat(response.json().at("/error/param").asText()).isEqualTo("model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[\"nobody\"] | nobody", "[\"q/model\"] | q/model", "\"p/x\" | array", "[1] | array", "{} | array"
            })
    void fallbacks_that_name_nothing_are_a_400(String fallbacks, String named) {
        Response response = post(JSON, "{\"fallbacks\":" + fallbacks + "," + MESSAGES + "}");

        error(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo("fallbacks");
        assertThat(message(response)).contains(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x-bactrian-timeout | soon",
                "x-bactrian-timeout | -1",
                "x-bactrian-timeout | 0",
                "x-bactrian-timeout | 1.5s",
                "x-bactrian-timeout | 99999999999999999999",
                "x-bactrian-min-quality | best",
                "x-bactrian-min-quality | 1.1",
                "x-bactrian-min-quality | -0.1",
                "x-bactrian-min-quality | NaN",
                "x-bactrian-fallback | never",
                "x-bactrian-fallback | ''",
            })
    void a_wish_that_cannot_be_read_is_a_400_that_names_it(String header, String value) {
        Response response = post(List.of("content-type: application/json", header + ": " + value), GOOD);

        error(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo(header);
        assertThat(message(response)).contains(header);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/nothing, There is no /v1/nothing here",
        "POST, /v1/embeddings, Embeddings are not served here",
        "POST, /v1/responses, The Responses API is not served here",
        "GET, /v1/responses/resp_1, The Responses API is not served here",
        "GET, /v1, There is no /v1 here",
        "GET, /favicon.ico, There is no /favicon.ico here",
        "POST, /v1/chat/completions/more, There is no /v1/chat/completions/more here",
        "GET, /v1/modelsandmore, There is no /v1/modelsandmore here",
        "GET, /v1/models/nobody, There is no model 'nobody' here",
        "GET, /health, There is no /health here",
        "GET, /statuses, There is no /statuses here",
    })
    void an_unknown_path_is_a_404_that_says_what_is_served(String method, String path, String words) {
        Response response = RawHttp.send(gateway.port(), method + " " + path, List.of(), "");

        error(response, 404, null);
        assertThat(message(response)).contains(words);
    }

    /** Vert.x answers these before any route of ours is asked, without a body. */
    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/v1/models/%zz", "/v1/models/%"})
    void a_path_that_cannot_be_decoded_is_a_400(String path) {
        assertThat(RawHttp.send(gateway.port(), "GET " + path, List.of(), "").status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/../etc/passwd", "/v1/models/../../status/x", "/v1//chat/completions", "//", "/v1/models/%2e%2e"
            })
    void an_odd_path_is_the_callers_mistake(String path) {
        Response response = RawHttp.send(gateway.port(), "GET " + path, List.of(), "");

        assertThat(response.status()).isIn(400, 404);
        error(response, response.status(), null);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/chat/completions, POST",
        "PUT, /v1/chat/completions, POST",
        "DELETE, /v1/chat/completions, POST",
        "PATCH, /v1/chat/completions, POST",
        "POST, /v1/models, GET",
        "DELETE, /v1/models/default, GET",
        "POST, /status, GET",
        "POST, /health/live, GET",
        "PUT, /health/ready, GET",
    })
    void a_wrong_method_is_a_405_that_allows_the_right_one(String method, String path, String right) {
        Response response = RawHttp.send(gateway.port(), method + " " + path, JSON, "{}");

        error(response, 405, "method_not_allowed");
        assertThat(response.header("allow")).isEqualTo(right);
    }

    @Test
    void head_and_options_get_an_answer_without_a_surprise() {
        Response head = RawHttp.send(gateway.port(), "HEAD /health/live", List.of(), "");
        assertThat(head.status()).isIn(200, 405);
        assertThat(head.body()).isEmpty();

        Response options = RawHttp.send(gateway.port(), "OPTIONS " + CHAT, List.of(), "");
        assertThat(options.status()).isEqualTo(405);
        assertThat(options.header("allow")).isEqualTo("POST");
        assertThat(options.header("access-control-allow-origin")).isEmpty();
    }

    @Test
    void a_request_id_is_echoed_if_it_is_fit_for_a_header() {
        assertThat(post(withId("mine-1"), "{}").header("x-request-id")).isEqualTo("mine-1");
        assertThat(post(withId("a b"), "{}").header("x-request-id")).matches("req_[0-9a-z]{22}");
        assertThat(post(withId("x".repeat(129)), "{}").header("x-request-id")).matches("req_[0-9a-z]{22}");
        assertThat(post(withId("ä"), "{}").header("x-request-id")).matches("req_[0-9a-z]{22}");
        assertThat(post(withId("a\u0001b"), "{}").head()).doesNotContain("\u0001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\rset-cookie: evil=1", "a\nset-cookie: evil=1", "a%0d%0aset-cookie: evil=1"})
    void a_request_id_cannot_smuggle_a_header(String id) {
        Response response = post(withId(id), "{}");

        assertThat(response.header("set-cookie")).isEmpty();
        assertThat(response.status()).isEqualTo(400);
    }

    @Test
    void what_is_too_long_for_the_wire_itself_is_refused() {
        List<Response> responses = List.of(
                RawHttp.send(gateway.port(), "POST " + CHAT, List.of("x-much: " + "x".repeat(20_000)), GOOD),
                RawHttp.send(gateway.port(), "GET /" + "x".repeat(8_000), List.of(), ""));

        assertThat(responses).extracting(Response::status).containsExactly(431, 414);
    }

    @Test
    void keys_of_callers_are_asked_for_everywhere_but_at_health() {
        try (StubProvider own = StubProvider.openai();
                Gateway locked =
                        Gateway.over(Map.of("p", own), "bactrian.server.keys=one:first-key-1, two:second-key-2")) {
            int port = locked.port();
            for (String path :
                    List.of("GET /v1/models", "GET /status", "GET /v1/nothing", "POST " + CHAT, "GET " + CHAT)) {
                for (String key : List.of(
                        "x-none: 1",
                        "authorization: Bearer wrong",
                        "authorization: Basic first-key-1",
                        "authorization: first-key-1",
                        "authorization: Bearer",
                        "x-api-key: wrong",
                        "x-api-key: first-key-1, second-key-2",
                        "x-api-key: FIRST-KEY-1")) {
                    Response response = RawHttp.send(port, path, List.of("content-type: application/json", key), GOOD);
                    error(response, 401, "invalid_api_key");
                    assertThat(response.head() + response.body()).doesNotContain("wrong", "first-key", "second-key");
                }
            }
            assertThat(own.calls()).isEmpty();
            assertThat(locked.get("/health/live").status()).isEqualTo(200);
            assertThat(locked.get("/health/ready").status()).isEqualTo(200);
            assertThat(locked.ask("authorization", "Bearer first-key-1").status())
                    .isEqualTo(200);
            assertThat(locked.ask("authorization", "bearer  second-key-2").status())
                    .isEqualTo(200);
            assertThat(locked.ask("x-api-key", "second-key-2").status()).isEqualTo(200);
            assertThat(locked.get("/status", "x-api-key", "first-key-1").status())
                    .isEqualTo(200);
        }
    }

    @Test
    void a_wrong_key_is_told_before_the_body_is_looked_at() {
        try (StubProvider own = StubProvider.openai();
                Gateway locked = Gateway.over(
                        Map.of("p", own), "bactrian.server.keys=one:first-key-1", "bactrian.server.max-body=1KB")) {
            error(RawHttp.send(locked.port(), "POST " + CHAT, JSON, "not json"), 401, "invalid_api_key");
        }
    }

    @Test
    void with_keys_every_interface_is_listened_on_and_without_only_the_own_machine() {
        try (StubProvider own = StubProvider.openai();
                Gateway locked = Gateway.over(Map.of("p", own), "bactrian.server.keys=one:first-key-1")) {
            assertThat(host(locked)).isEqualTo("0.0.0.0");
        }
        assertThat(host(gateway)).isEqualTo("127.0.0.1");
    }

    @Test
    void a_full_house_is_a_503_for_a_second() {
        try (StubProvider own = StubProvider.openai();
                Gateway small = Gateway.over(Map.of("p", own), "bactrian.server.max-in-flight=2")) {
            own.answers(Reply.text("slow").delayed(Duration.ofMillis(800)));
            List<CompletableFuture<Gateway.Answer>> inside = Stream.of(1, 2)
                    .map(i -> CompletableFuture.supplyAsync(small::ask, Thread::startVirtualThread))
                    .toList();
            await().until(() -> own.calls().size() == 2);

            Response refused = RawHttp.send(small.port(), "POST " + CHAT, JSON, GOOD);

            error(refused, 503, "too_many_requests");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(inside).allMatch(i -> i.join().status() == 200);
            own.answers(Reply.text("well"));
            assertThat(small.ask().status()).isEqualTo(200);
            assertThat(post(small, "not json").status()).isEqualTo(400);
            assertThat(post(small, "not json").status()).isEqualTo(400);
            assertThat(post(small, "not json").status()).isEqualTo(400);
            assertThat(small.ask().status()).isEqualTo(200);
        }
    }

    private static String host(Gateway gateway) {
        return gateway.host();
    }

    private static Response post(List<String> headers, String body) {
        return RawHttp.send(gateway.port(), "POST " + CHAT, headers, body);
    }

    private static Response post(Gateway to, String body) {
        return RawHttp.send(to.port(), "POST " + CHAT, JSON, body);
    }

    private static Response chunked(String body) {
        return RawHttp.chunked(gateway.port(), "POST " + CHAT, JSON, body);
    }

    private static List<String> withId(String id) {
        return List.of("content-type: application/json", "x-request-id: " + id);
    }

    private static String message(Response response) {
        return response.json().at("/error/message").asText();
    }

    /** In OpenAI's format, the fields all there, with a request id. */
    private static void error(Response response, int status, String code) {
        assertThat(response.status())
                .as(response.head() + "\n" + response.body())
                .isEqualTo(status);
        assertThat(response.header("content-type")).startsWith("application/json");
        assertThat(response.header("x-request-id")).isNotEmpty();
        JsonNode error = response.json().path("error");
        assertThat(error.path("message").asText()).isNotBlank().doesNotContain("Exception", "io.bactrian", "jackson");
        assertThat(error.path("type").asText())
                .isEqualTo(status == 503 ? "service_unavailable_error" : "invalid_request_error");
        assertThat(error.has("param")).isTrue();
        assertThat(error.has("code")).isTrue();
        if (code != null) {
            assertThat(error.path("code").asText()).isEqualTo(code);
        }
    }
}
