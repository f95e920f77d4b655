package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import io.bactrian.protocol.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Requests and answers of OpenAI's own SDK, told nothing but another base URL and never allowed to retry. Stateless. */
final class OpenAiSdk {
    static final String QUESTION = "How is the weather in Oslo?";

    private OpenAiSdk() {}

    static OpenAIClient client(URI address) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(address.toString())
                .apiKey("sk-not-looked-at")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    static ChatCompletion accumulated(OpenAIClient from, ChatCompletionCreateParams params) {
        return accumulated(from, params, chunk -> {});
    }

    static ChatCompletion accumulated(
            OpenAIClient from, ChatCompletionCreateParams params, Consumer<ChatCompletionChunk> eachChunk) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                from.chat().completions().createStreaming(params)) {
            stream.stream().map(whole::accumulate).forEach(eachChunk);
        }
        return whole.chatCompletion();
    }

    static JsonNode arguments(ChatCompletion asked) {
        JsonNode arguments = Json.parse(call(asked).function().arguments().getBytes(StandardCharsets.UTF_8));
        assertThat(arguments).isNotNull();
        return arguments;
    }

    static ChatCompletionMessageFunctionToolCall call(ChatCompletion asked) {
        ChatCompletion.Choice choice = asked.choices().getFirst();
        assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        assertThat(choice.message().toolCalls())
                .hasValueSatisfying(calls -> assertThat(calls).hasSize(1));
        ChatCompletionMessageFunctionToolCall call =
                choice.message().toolCalls().orElseThrow().getFirst().asFunction();
        assertThat(call.id()).isNotBlank();
        assertThat(call.function().name()).isEqualTo("weather");
        return call;
    }

    static ChatCompletionCreateParams question(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(QUESTION)
                .build();
    }

    static ChatCompletionCreateParams withUsage(String model) {
        return question(model).toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
    }

    static ChatCompletionCreateParams.Builder withTool(String model) {
        FunctionParameters parameters = FunctionParameters.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                .build();
        return question(model).toBuilder()
                .addFunctionTool(FunctionDefinition.builder()
                        .name("weather")
                        .description("The weather of a city")
                        .parameters(parameters)
                        .build());
    }

    static ChatCompletionCreateParams withResult(String model, ChatCompletion asked) {
        ChatCompletionMessage said = asked.choices().getFirst().message();
        return withTool(model)
                .addMessage(said)
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call(asked).id())
                        .content("4 degrees, rain")
                        .build())
                .build();
    }

    static String words(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElse("");
    }

    static String words(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
    }

    static List<ChatCompletionChunk.Choice.FinishReason> finishes(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.finishReason().stream())
                .toList();
    }
}
