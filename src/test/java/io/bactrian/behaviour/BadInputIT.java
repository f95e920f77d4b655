package io.bactrian.behaviour;

import static io.bactrian.behaviour.ChatErrors.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes of callers: each is told in the format of Chat Completions, with a request id, and no provider is asked. */
final class BadInputIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private static final String GOOD = "{" + MESSAGES + "}";
    private static final List<String> JSON = List.of("content-type: application/json");

    @RegisterExtension
    static final GatewayExtension gateway =
            GatewayExtension.with("bactrian.server.max-body=64KB").openai("p");

    @AfterEach
    void nobody_was_asked() {
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @Test
    void a_body_over_the_limit_is_a_413() {
        String much = GOOD.replace("Hi", "x".repeat(70_000));
        Response response = post(JSON, much);

        assertError(response, 413, "request_too_large");
        assertError(chunked(much), 413, "request_too_large");
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
        assertError(post(List.of("content-type: " + type), GOOD), 415, "unsupported_media_type");
    }

    @Test
    void a_missing_content_type_is_a_415_as_well() {
        assertError(post(List.of(), GOOD), 415, "unsupported_media_type");
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
        assertError(post(JSON, body), 400, null);
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

        assertError(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo("messages");
    }

    @Test
    void bytes_that_are_no_utf8_are_a_400() {
        byte[] body = GOOD.getBytes(StandardCharsets.UTF_8);
        body[GOOD.indexOf("Hi")] = (byte) 0xff;
        assertError(RawHttp.send(gateway.port(), "POST " + CHAT, JSON, body), 400, null);
        assertError(
                RawHttp.send(gateway.port(), "POST " + CHAT, JSON, GOOD.getBytes(StandardCharsets.UTF_16BE)),
                400,
                null);
    }

    @Test
    void a_field_that_is_there_twice_is_a_400() {
        Response response = post(JSON, "{\"model\":\"default\",\"model\":\"p/other\"," + MESSAGES + "}");

        assertError(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo("model");
        assertThat(message(response)).contains("'model'", "twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nine", "q/model", "p/", "/", "*"})
    void an_unknown_model_is_a_404_that_lists_what_there_is(String model) {
        Response response = post(JSON, "{\"model\":\"" + model + "\"," + MESSAGES + "}");

        assertError(response, 404, "model_not_found");
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

        assertError(response, 400, null);
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

        assertError(response, 400, null);
        assertThat(response.json().at("/error/param").asText()).isEqualTo(header);
        assertThat(message(response)).contains(header);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"input\":\"Hi\"}", "{\"input\":\"Hi\",\"model\":\"text-embedding-3-small\"}"})
    void embeddings_without_a_chain_are_a_404_that_says_how_to_configure_one(String body) {
        Response response =
                RawHttp.send(gateway.port(), "POST /v1/embeddings", List.of("content-type: application/json"), body);

        assertError(response, 404, null);
        assertThat(message(response)).contains("bactrian.chains.embeddings=openai/text-embedding-3-small");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/nothing, There is no /v1/nothing here",
        "POST, /v1/embeddings/more, There is no /v1/embeddings/more here",
        "POST, /v1/completions/more, There is no /v1/completions/more here",
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

        assertError(response, 404, null);
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
        assertError(response, response.status(), null);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/chat/completions, POST",
        "PUT, /v1/chat/completions, POST",
        "DELETE, /v1/chat/completions, POST",
        "PATCH, /v1/chat/completions, POST",
        "POST, /v1/models, 'GET, HEAD'",
        "DELETE, /v1/models/default, 'GET, HEAD'",
        "POST, /status, 'GET, HEAD'",
        "POST, /health/live, 'GET, HEAD'",
        "PUT, /health/ready, 'GET, HEAD'",
        "POST, /, 'GET, HEAD'",
    })
    void a_wrong_method_is_a_405_that_allows_the_right_one(String method, String path, String right) {
        Response response = RawHttp.send(gateway.port(), method + " " + path, JSON, "{}");

        assertError(response, 405, "method_not_allowed");
        assertThat(response.header("allow")).isEqualTo(right);
        assertThat(response.json().at("/error/param").isNull()).isTrue();
    }

    @Test
    void head_and_options_get_an_answer_without_a_surprise() {
        for (String path :
                List.of("/", "/health/live", "/health/ready", "/status", "/v1/models", "/v1/models/default")) {
            Response get = RawHttp.send(gateway.port(), "GET " + path, List.of(), "");
            Response head = RawHttp.send(gateway.port(), "HEAD " + path, List.of(), "");
            assertThat(head.status()).as(path).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.header("content-type")).isEqualTo(get.header("content-type"));
            assertThat(Integer.parseInt(head.header("content-length"))).isPositive();
        }
        Response nothing = RawHttp.send(gateway.port(), "HEAD /v1/nothing", List.of(), "");
        assertThat(nothing.status()).isEqualTo(404);
        assertThat(nothing.body()).isEmpty();

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

    private static Response post(List<String> headers, String body) {
        return RawHttp.send(gateway.port(), "POST " + CHAT, headers, body);
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
}
