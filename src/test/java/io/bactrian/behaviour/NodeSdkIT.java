package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.NpmProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The official SDKs for JavaScript, installed from the lock file beside their scripts, in {@code src/test/node}. */
final class NodeSdkIT {
    private static final NpmProject PROJECT = new NpmProject(Path.of("src/test/node"), Path.of("target/node-sdks"));
    private static final List<String> STEPS = Stream.of("answer", "stream", "call", "streamedCall")
            .flatMap(step -> Stream.of("a", "o")
                    .map(provider -> step + "=" + provider + (step.matches("answer|stream") ? "/talk" : "/call")))
            .toList();
    private static final List<String> TROUBLES =
            List.of(("stream=rescued-a stream=rescued-o stream=broken-a stream=broken-o "
                            + "answer=no-such-model stream=no-such-model answer=down stream=down")
                    .split(" "));

    private static final Map<Sdk, JsonNode> SEEN = new EnumMap<>(Sdk.class);

    @RegisterExtension
    static final GatewayExtension gateway = ScriptedModels.gateway();

    @BeforeAll
    static void read_everything() throws IOException {
        PROJECT.install();
        ScriptedModels.play(gateway);
        for (Sdk sdk : Sdk.values()) {
            List<String> command =
                    new ArrayList<>(List.of("node", sdk.script, gateway.uri("").toString()));
            command.addAll(STEPS);
            command.addAll(TROUBLES);
            JsonNode seen = Json.parse(PROJECT.run(command));
            assertThat(seen).as(sdk.script).isNotNull();
            SEEN.put(sdk, seen);
        }
    }

    @ParameterizedTest
    @EnumSource
    void providers_of_both_protocols_answer_and_stream(Sdk sdk) {
        for (String provider : List.of("a", "o")) {
            JsonNode answer = seen(sdk, "answer=" + provider + "/talk");
            assertThat(answer.path("target").asText()).isEqualTo(provider + "/talk");
            says(ScriptedModels.WORDS, sdk, answer);
            streamed(ScriptedModels.WORDS, sdk, seen(sdk, "stream=" + provider + "/talk"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void providers_of_both_protocols_call_a_tool_and_tell_its_result(Sdk sdk) {
        for (String provider : List.of("a", "o")) {
            JsonNode call = seen(sdk, "call=" + provider + "/call");
            calls(sdk, call);
            says("They say: " + ScriptedModels.RESULT, sdk, call.path("after"));

            JsonNode streamed = seen(sdk, "streamedCall=" + provider + "/call");
            calls(sdk, streamed);
            assertThat(streamed.path("finishes").asInt()).isEqualTo(1);
            streamed("They say: " + ScriptedModels.RESULT, sdk, streamed.path("after"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_the_first_breaks_off_is_finished_by_the_other(Sdk sdk) {
        streamed(ScriptedModels.WORDS, sdk, seen(sdk, "stream=rescued-a"));
        streamed(ScriptedModels.WORDS, sdk, seen(sdk, "stream=rescued-o"));
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_that_nobody_finishes_is_thrown_and_no_answer(Sdk sdk) {
        for (String step : List.of("stream=broken-a", "stream=broken-o")) {
            JsonNode seen = seen(sdk, step);
            assertThat(seen.at("/thrown/name").asText()).as(step).isEqualTo("APIError");
            assertThat(seen.path("heard").asText()).as(step).isEqualTo(ScriptedModels.SPOKEN);
            assertThat(seen.path("finishes").asInt()).as(step).isZero();
            assertThat(seen.has("words")).as(step).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"OPENAI, InternalServerError, 503", "ANTHROPIC, OverloadedError, 529"})
    void providers_that_are_all_down_are_the_error_the_sdk_has_for_it(Sdk sdk, String name, int status) {
        thrown(sdk, "=down", name, status, "");
    }

    @ParameterizedTest
    @EnumSource
    void an_unknown_model_is_the_error_the_sdk_has_for_it(Sdk sdk) {
        thrown(sdk, "=no-such-model", "NotFoundError", 404, "There is: default");
    }

    private static void thrown(Sdk sdk, String step, String name, int status, String message) {
        for (String each : List.of("answer" + step, "stream" + step)) {
            JsonNode thrown = seen(sdk, each).path("thrown");
            assertThat(thrown.path("name").asText()).as(each + ": " + thrown).isEqualTo(name);
            assertThat(thrown.path("status").asInt()).as(each).isEqualTo(status);
            assertThat(thrown.path("message").asText()).as(each).isNotBlank().contains(message);
        }
    }

    private static void streamed(String words, Sdk sdk, JsonNode seen) {
        says(words, sdk, seen);
        assertThat(seen.path("heard").asText()).isEqualTo(words);
        assertThat(seen.path("finishes").asInt()).isEqualTo(1);
    }

    private static void says(String words, Sdk sdk, JsonNode seen) {
        assertThat(seen.path("words").asText()).as(seen::toString).isEqualTo(words);
        assertThat(seen.path("finish").asText()).isEqualTo(sdk.stop);
        assertThat(sdk.usage)
                .allSatisfy(field -> assertThat(seen.path("usage").path(field).asInt())
                        .as(field)
                        .isPositive());
        assertThat(seen.has("thrown")).isFalse();
    }

    private static void calls(Sdk sdk, JsonNode seen) {
        assertThat(seen.path("tool").asText()).as(seen::toString).isEqualTo(ScriptedModels.TOOL);
        assertThat(seen.path("arguments")).isEqualTo(ScriptedModels.ARGUMENTS);
        assertThat(seen.path("calls").asInt()).isEqualTo(1);
        assertThat(seen.path("finish").asText()).isEqualTo(sdk.toolUse);
        assertThat(seen.has("thrown")).as(seen::toString).isFalse();
    }

    private static JsonNode seen(Sdk sdk, String step) {
        return SEEN.get(sdk).required(step);
    }

    /** An SDK and the words of its protocol. */
    enum Sdk {
        OPENAI("openai.mjs", "stop", "tool_calls", "prompt_tokens", "completion_tokens"),
        ANTHROPIC("anthropic.mjs", "end_turn", "tool_use", "input_tokens", "output_tokens");

        private final String script;
        private final String stop;
        private final String toolUse;
        private final List<String> usage;

        Sdk(String script, String stop, String toolUse, String... usage) {
            this.script = script;
            this.stop = stop;
            this.toolUse = toolUse;
            this.usage = List.of(usage);
        }
    }
}
