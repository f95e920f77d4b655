package io.bactrian.behaviour;

import static io.bactrian.behaviour.ChatErrors.assertError;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.RawHttp.Response;
import io.bactrian.testing.Reply;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are small in bytes and large in work: each has a bound, and is refused in its caller's format. */
final class RequestBoundsIT {
    private static final String CHAT = "/v1/chat/completions";

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.server.max-nodes=400000",
                    "bactrian.server.max-depth=100",
                    "bactrian.server.max-fallbacks=3",
                    "bactrian.defaults.max-attempts=1")
            .openai("p")
            .anthropic("a");

    @ParameterizedTest
    @ValueSource(strings = {CHAT, "/v1/messages", "/v1/messages/count_tokens", "/v1/completions", "/v1/embeddings"})
    void a_body_of_many_small_parts_is_a_400(String path) {
        String body = "{\"model\":\"default\",\"input\":\"a\",\"prompt\":\"a\",\"max_tokens\":5,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"x\":[";

        assertTooComplex(path, body + "[],".repeat(300_000) + "[]]}");
        assertTooComplex(path, body + "1,".repeat(500_000) + "1]}");
        assertTooComplex(path, body + "[".repeat(150) + "]".repeat(150) + "]}");
        assertTooComplex(path, body + "{\"" + "n".repeat(5_000) + "\":1}]}");
        assertTooComplex(path, body + "1".repeat(5_000) + "]}");
        assertThat(gateway.stub("p").calls()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"input", "prompt"})
    void a_long_list_of_tokens_passes(String field) {
        String path = field.equals("input") ? "/v1/embeddings" : "/v1/completions";
        gateway.stub("p").answers(Reply.status(500, "{}"));

        post(path, "{\"model\":\"p/m\",\"" + field + "\":[" + joined(300_000, Integer::toString) + "]}");

        assertThat(gateway.stub("p").calls()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Caller.class)
    void a_long_list_of_fallbacks_is_a_400(Caller caller) {
        String fallbacks = "{\"fallbacks\":[" + joined(30_000, i -> "\"p/m" + i + "\"") + "]}";

        Answer answer = gateway.ask(caller, "default", false, fallbacks);

        assertThat(answer.status()).as(answer.text()).isEqualTo(400);
        assertThat(answer.error("message")).contains("'fallbacks' has more than 3 entries");
        assertThat(gateway.ask(caller, "default", false, "{\"fallbacks\":[\"p/a\",\"p/b\",\"p/c\"]}")
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_schema_that_doubles_is_given_up(boolean stream) {
        String doubling = "{'$ref':'#/$defs/d0','$defs':{"
                + joined(26, i -> "'d%d':{'allOf':[{'$ref':'#/$defs/d%d'},{'$ref':'#/$defs/d%d'}]}"
                        .formatted(i, i + 1, i + 1))
                + ",'d26':{'type':'integer'}}}";
        gateway.stub("a").answers(Reply.text("1"));

        Answer answer = gateway.ask(Caller.CHAT, "a/m", stream, schema(doubling));

        assertThat(answer.text()).contains("error").doesNotContain("\"content\":\"1\"");
        assertThat(answer.outcomes()).isEqualTo("a=INVALID_RESPONSE");
        assertThat(answer.took()).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void a_schema_that_is_too_large_is_a_400() {
        String large = "{'type':'object','description':'" + "x".repeat(1_100_000) + "'}";

        Answer answer = gateway.ask(Caller.CHAT, "a/m", false, schema(large));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.error("param")).isEqualTo("response_format.json_schema.schema");
        assertThat(answer.error("message")).contains("more than 1048576 bytes");
        assertThat(gateway.stub("a").calls()).isEmpty();
    }

    @Test
    void a_long_model_name_is_a_400() {
        Response response = post(
                CHAT,
                "{\"model\":\"" + "m".repeat(5_000_000) + "\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}");

        assertThat(response.status()).isEqualTo(400);
        assertThat(response.head().length() + response.body().length()).isLessThan(5_000);
    }

    private static String schema(String schema) {
        return "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"schema\":"
                + schema.replace('\'', '"') + "}}}";
    }

    private static void assertTooComplex(String path, String body) {
        Response response = post(path, body);

        if (path.startsWith("/v1/messages")) {
            assertThat(response.status()).isEqualTo(400);
            assertThat(response.json().at("/error/type").asText()).isEqualTo("invalid_request_error");
            assertThat(response.json().at("/error/message").asText()).contains("too complex");
        } else {
            assertError(response, 400, "request_too_complex");
        }
    }

    private static Response post(String path, String body) {
        return RawHttp.send(
                gateway.port(),
                "POST " + path,
                List.of("content-type: application/json", "anthropic-version: 2023-06-01"),
                body);
    }

    private static String joined(int count, IntFunction<String> each) {
        return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
    }
}
