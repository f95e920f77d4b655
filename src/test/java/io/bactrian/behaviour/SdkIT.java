package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.bactrian.testing.GatewayExtension;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's own SDK before providers of both protocols that answer, call tools, break off and are out of service. */
final class SdkIT {
    @RegisterExtension
    static final GatewayExtension gateway = ScriptedModels.gateway();

    private static OpenAIClient client;

    @BeforeAll
    static void connect() {
        client = OpenAiSdk.client(gateway.uri("/v1"));
    }

    @AfterAll
    static void stop() {
        client.close();
    }

    @BeforeEach
    void play() {
        ScriptedModels.play(gateway);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void arguments_of_a_tool_call_arrive_letter_by_letter(String provider) {
        ChatCompletionCreateParams params =
                OpenAiSdk.withTool(provider + "/call").build();

        assertThat(OpenAiSdk.arguments(client.chat().completions().create(params)))
                .isEqualTo(ScriptedModels.ARGUMENTS);
        assertThat(OpenAiSdk.arguments(OpenAiSdk.accumulated(client, params))).isEqualTo(ScriptedModels.ARGUMENTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_the_first_breaks_off_is_finished_by_the_other(String first) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        ChatCompletion answer = OpenAiSdk.accumulated(client, OpenAiSdk.withUsage("rescued-" + first), chunks::add);

        assertThat(OpenAiSdk.words(answer)).isEqualTo(ScriptedModels.WORDS);
        assertThat(OpenAiSdk.words(chunks)).isEqualTo(ScriptedModels.WORDS);
        assertThat(OpenAiSdk.finishes(chunks)).containsExactly(ChatCompletionChunk.Choice.FinishReason.STOP);
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.usage())
                .hasValueSatisfying(u -> assertThat(u.completionTokens()).isPositive());
        assertThat(gateway.stub("a").calls()).hasSize(1);
        assertThat(gateway.stub("o").calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_nobody_finishes_is_an_exception_and_no_answer(String first) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks = new ArrayList<>();

        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<ChatCompletionChunk> stream =
                    client.chat().completions().createStreaming(OpenAiSdk.question("broken-" + first))) {
                stream.stream().map(whole::accumulate).forEach(chunks::add);
            }
        });

        assertThat(broken.code()).contains("stream_broken");
        assertThat(OpenAiSdk.words(chunks)).isEqualTo(ScriptedModels.SPOKEN);
        assertThat(OpenAiSdk.finishes(chunks)).isEmpty();
        assertThatThrownBy(whole::chatCompletion).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void providers_that_are_all_down_are_the_exception_the_sdk_has_for_it() {
        InternalServerException down = catchThrowableOfType(
                InternalServerException.class, () -> client.chat().completions().create(OpenAiSdk.question("down")));

        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.code()).contains("all_providers_failed");
    }
}
