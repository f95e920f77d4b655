package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.RawHttp.Response;

/** Assertions about errors in the format of Anthropic Messages. Stateless. */
final class MessagesErrors {
    private MessagesErrors() {}

    static void assertError(Answer answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertError(answer.json(), status, answer.header("x-request-id"), answer.header("request-id"));
    }

    static void assertError(Response response, int status) {
        assertThat(response.status())
                .as(response.head() + "\n" + response.body())
                .isEqualTo(status);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        assertError(response.json(), status, response.header("x-request-id"), response.header("request-id"));
    }

    private static void assertError(JsonNode document, int status, String id, String theirs) {
        String type =
                switch (status) {
                    case 400, 405, 415 -> "invalid_request_error";
                    case 401 -> "authentication_error";
                    case 404 -> "not_found_error";
                    case 413 -> "request_too_large";
                    case 429 -> "rate_limit_error";
                    case 504 -> "timeout_error";
                    case 529 -> "overloaded_error";
                    default -> "api_error";
                };
        assertThat(document.path("type").asText()).isEqualTo("error");
        assertThat(document.at("/error/type").asText()).isEqualTo(type);
        assertThat(document.at("/error/message").asText()).isNotBlank().doesNotContain("Exception", "io.bactrian");
        assertThat(document.path("request_id").asText())
                .isNotEmpty()
                .isEqualTo(id)
                .isEqualTo(theirs);
    }
}
