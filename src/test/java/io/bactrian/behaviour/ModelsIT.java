package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.models.ModelListParams;
import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawHttp;
import io.bactrian.testing.Scene;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The model names that callers may use: listed in their own protocol, and those that applications have built in. */
final class ModelsIT {
    private static final String[] ANTHROPIC = {"anthropic-version", "2023-06-01"};

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.chains.default=a/claude-x, o/gpt-x",
                    "bactrian.chains.cheap=o/gpt-small",
                    "bactrian.aliases=gpt-4*: cheap")
            .anthropic("a")
            .openai("o");

    @Test
    void openai_callers_get_the_list_of_openai() {
        Answer list = gateway.get("/v1/models?limit=1", "authorization", "Bearer any");

        assertThat(list.json().path("object").asText()).isEqualTo("list");
        assertThat(ids(list)).containsExactly("default", "cheap", "a/claude-x", "o/gpt-x", "o/gpt-small");
        assertThat(list.json().at("/data/0/object").asText()).isEqualTo("model");
        assertThat(gateway.get("/v1/models/cheap").json().path("object").asText())
                .isEqualTo("model");
        assertThat(gateway.get("/v1/models/nothing").json().at("/error/code").asText())
                .isEqualTo("model_not_found");
    }

    @ParameterizedTest
    @CsvSource({"anthropic-version, 2023-06-01", "x-api-key, any"})
    void anthropic_callers_get_the_list_of_anthropic(String header, String value) {
        JsonNode list = gateway.get("/v1/models", header, value).json();

        assertThat(list.path("has_more").asBoolean(true)).isFalse();
        assertThat(list.path("first_id").asText()).isEqualTo("default");
        assertThat(list.path("last_id").asText()).isEqualTo("o/gpt-small");
        JsonNode first = list.at("/data/0");
        assertThat(first.path("type").asText()).isEqualTo("model");
        assertThat(first.path("display_name").asText()).isEqualTo("default");
        assertThat(first.path("created_at").asText()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(gateway.get("/v1/models/a/claude-x", header, value)
                        .json()
                        .path("id")
                        .asText())
                .isEqualTo("a/claude-x");
        Answer nothing = gateway.get("/v1/models/nothing", header, value);
        assertThat(nothing.status()).isEqualTo(404);
        assertThat(nothing.json().path("type").asText()).isEqualTo("error");
        assertThat(nothing.header("request-id")).isNotEmpty();
    }

    @Test
    void anthropics_library_goes_through_the_pages() {
        AnthropicClient client = AnthropicSdk.client(gateway.uri(""));
        try {
            List<String> ids = client
                    .models()
                    .list(ModelListParams.builder().limit(2).build())
                    .autoPager()
                    .stream()
                    .map(model -> model.validate().id())
                    .toList();
            assertThat(ids).containsExactly("default", "cheap", "a/claude-x", "o/gpt-x", "o/gpt-small");
            assertThat(client.models().retrieve("cheap").displayName()).isEqualTo("cheap");
        } finally {
            client.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "limit=", "after_id=nothing", "before_id=nothing"})
    void a_page_that_is_none_is_a_400_in_the_callers_format(String query) {
        Answer answer = gateway.get("/v1/models?" + query, ANTHROPIC);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("type").asText()).isEqualTo("error");
        assertThat(answer.error("message")).contains(query.split("=")[0]);
    }

    @Test
    void a_wrong_key_or_method_is_told_in_the_callers_format() {
        try (Scene locked =
                Scene.with("bactrian.server.keys=one:first-key-1").openai("p").start()) {
            assertThat(locked.get("/v1/models", "x-api-key", "wrong")
                            .json()
                            .path("type")
                            .asText())
                    .isEqualTo("error");
            assertThat(locked.get("/v1/models", "authorization", "Bearer wrong")
                            .json()
                            .at("/error/code")
                            .asText())
                    .isEqualTo("invalid_api_key");
            assertThat(locked.get("/").status()).isEqualTo(200);
        }
        RawHttp.Response method =
                RawHttp.send(gateway.port(), "DELETE /v1/models", List.of("anthropic-version: 2023-06-01"), "");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.json().path("type").asText()).isEqualTo("error");
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-5.2, a/claude-x",
        "claude-opus-4-8-20260301, a/claude-x",
        "o3-mini, a/claude-x",
        "gemini-3-pro, a/claude-x",
        "gpt-x, a/claude-x",
        "gpt-small, o/gpt-small",
        "gpt-4o-mini, o/gpt-small"
    })
    void a_name_that_an_application_has_built_in_is_answered(String model, String target) {
        for (Caller caller : Caller.values()) {
            Answer answer = gateway.ask(caller, model, false, "{}");
            assertThat(answer.status()).as(answer.text()).isEqualTo(200);
            assertThat(answer.header("x-bactrian-target")).isEqualTo(target);
        }
        assertThat(gateway.get("/v1/models/" + model).json().path("id").asText())
                .isEqualTo(model);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text-embedding-3-small", "gemini-embedding-001", "gpt-image-1", "whisper-1", "mine", "a"})
    void any_other_name_is_unknown(String model) {
        assertThat(gateway.ask(Caller.CHAT, model, false, "{}").status()).isEqualTo(404);
    }

    @Test
    void the_root_says_what_this_is() {
        JsonNode root = gateway.get("/").json();

        assertThat(root.path("name").asText()).isEqualTo("Bactrian");
        assertThat(root.path("paths").toString()).contains("POST /v1/messages", "GET /status");
    }

    private static List<String> ids(Answer list) {
        return list.json().findValuesAsText("id");
    }
}
