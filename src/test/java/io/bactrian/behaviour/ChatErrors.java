package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.RawHttp.Response;
import org.jspecify.annotations.Nullable;

/** Assertions about errors in the format of Chat Completions. Stateless. */
final class ChatErrors {
    private ChatErrors() {}

    /** In OpenAI's format, the fields all there, with a request id. */
    static void assertError(Response response, int status, @Nullable String code) {
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
