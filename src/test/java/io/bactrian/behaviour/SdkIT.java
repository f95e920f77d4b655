package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.HttpResponseFor;
import com.openai.core.http.StreamResponse;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.SseException;
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
import com.openai.models.models.Model;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Gateway;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * OpenAI's own SDK, told nothing but another base URL and never allowed to retry, against the simulated providers (the first
 * speaks Anthropic Messages, the others Chat Completions) and against providers that break off.
 */
final class SdkIT {
    private static final String QUESTION = "How is the weather in Oslo?";
    private static final List<String> PROVIDERS = List.of("anthropic", "openai", "groq");

    private static Gateway gateway;
    private static OpenAIClient client;
    private static SdkScene scene;
    private static OpenAIClient trouble;

    @BeforeAll
    static void start() {
        gateway = Gateway.start(
                "bactrian.demo=on", "bactrian.defaults.backoff=20ms", "bactrian.defaults.breaker.failures=1000");
        client = client(gateway);
        scene = new SdkScene();
        trouble = client(scene.gateway());
    }

    private static OpenAIClient client(Gateway gateway) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.uri("/v1").toString())
                .apiKey("sk-not-looked-at")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    @AfterAll
    static void stop() {
        client.close();
        gateway.close();
        trouble.close();
        scene.close();
    }

    @BeforeEach
    void all_are_well() {
        PROVIDERS.forEach(p -> fault(p, "off"));
        scene.forget();
    }

    @Test
    void pinned_models_answer_stream_and_call_tools() {
        together(Stream.of("anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b")
                .map(model -> () -> answers_streams_and_calls_tools(model, model)));
    }

    @ParameterizedTest
    @CsvSource({"anthropic, openai/gpt-6.1-terra", "anthropic openai, groq/openai/gpt-oss-120b"})
    void the_next_one_answers_streams_and_calls_tools_while_those_before_it_are_down(String down, String answering) {
        for (String provider : down.split(" ")) {
            fault(provider, "503");
        }
        answers_streams_and_calls_tools("default", answering);
    }

    @Test
    void a_conversation_goes_on_at_the_next_provider_with_the_tool_call_of_the_first() {
        ChatCompletion asked =
                client.chat().completions().create(withTool("default").build());
        assertThat(asked.model()).startsWith("claude");

        fault("anthropic", "503");
        ChatCompletion answer = client.chat().completions().create(withResult("default", asked));

        assertThat(answer.model()).startsWith("gpt-6.1");
        assertThat(words(answer)).contains("the tool has answered: \"4 degrees, rain\"");
    }

    @Test
    void all_models_are_listed() {
        assertThat(client.models().list().items())
                .extracting(Model::id)
                .contains("default", "anthropic/claude-sonnet-5-5", "openai/gpt-6.1-terra", "groq/openai/gpt-oss-120b");
        assertThat(client.models().retrieve("default").id()).isEqualTo("default");
    }

    @Test
    void an_unknown_model_is_the_exception_the_sdk_has_for_it() {
        NotFoundException refused = catchThrowableOfType(
                NotFoundException.class, () -> client.chat().completions().create(question("no-such-model")));

        assertThat(refused.code()).contains("model_not_found");
        assertThat(refused.param()).contains("model");
        assertThat(refused).hasMessageContaining("There is: default");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void arguments_of_a_tool_call_arrive_letter_by_letter(String provider) {
        ChatCompletionCreateParams params = withTool(provider + "/call").build();

        assertThat(arguments(trouble.chat().completions().create(params))).isEqualTo(SdkScene.ARGUMENTS);
        assertThat(arguments(accumulated(trouble, params))).isEqualTo(SdkScene.ARGUMENTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_the_first_breaks_off_is_finished_by_the_other(String first) {
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        ChatCompletion answer = accumulated(trouble, withUsage("rescued-" + first), chunks::add);

        assertThat(words(answer)).isEqualTo(SdkScene.WORDS);
        assertThat(words(chunks)).isEqualTo(SdkScene.WORDS);
        assertThat(finishes(chunks)).containsExactly(ChatCompletionChunk.Choice.FinishReason.STOP);
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.usage())
                .hasValueSatisfying(u -> assertThat(u.completionTokens()).isPositive());
        assertThat(scene.stub("a").calls()).hasSize(1);
        assertThat(scene.stub("o").calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "o"})
    void a_stream_that_nobody_finishes_is_an_exception_and_no_answer(String first) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        List<ChatCompletionChunk> chunks = new ArrayList<>();

        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<ChatCompletionChunk> stream =
                    trouble.chat().completions().createStreaming(question("broken-" + first))) {
                stream.stream().map(whole::accumulate).forEach(chunks::add);
            }
        });

        assertThat(broken.code()).contains("stream_broken");
        assertThat(words(chunks)).isEqualTo(SdkScene.SPOKEN);
        assertThat(finishes(chunks)).isEmpty();
        assertThatThrownBy(whole::chatCompletion).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void providers_that_are_all_down_are_the_exception_the_sdk_has_for_it() {
        InternalServerException down = catchThrowableOfType(
                InternalServerException.class,
                () -> trouble.chat().completions().create(question("down")));

        assertThat(down.statusCode()).isEqualTo(503);
        assertThat(down.code()).contains("all_providers_failed");
    }

    private static void answers_streams_and_calls_tools(String model, String by) {
        together(Stream.of(
                () -> answers(model, by),
                () -> streams(model),
                () -> calls_a_tool(model),
                () -> streams_a_tool_call(model)));
    }

    private static void together(Stream<Runnable> all) {
        all.map(each -> CompletableFuture.runAsync(each, Thread::startVirtualThread))
                .toList()
                .forEach(CompletableFuture::join);
    }

    private static void answers(String model, String by) {
        try (HttpResponseFor<ChatCompletion> response =
                client.chat().completions().withRawResponse().create(question(model))) {
            assertThat(response.headers().values("x-bactrian-target")).containsExactly(by);
            assertThat(response.headers().values("x-bactrian-demo")).containsExactly("true");
            ChatCompletion answer = response.parse().validate();
            assertThat(words(answer)).startsWith("Hello!").contains(QUESTION).endsWith("instead.");
            assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
            assertThat(answer.usage()).hasValueSatisfying(u -> {
                assertThat(u.promptTokens()).isPositive();
                assertThat(u.completionTokens()).isPositive();
                assertThat(u.totalTokens()).isEqualTo(u.promptTokens() + u.completionTokens());
            });
        }
    }

    private static void streams(String model) {
        ChatCompletion answer = accumulated(client, withUsage(model));

        assertThat(words(answer)).startsWith("Hello!").contains(QUESTION).endsWith("instead.");
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.usage())
                .hasValueSatisfying(u -> assertThat(u.completionTokens()).isPositive());
    }

    private static void calls_a_tool(String model) {
        ChatCompletion asked =
                client.chat().completions().create(withTool(model).build());
        assertThat(arguments(asked).path("city").isTextual()).isTrue();

        ChatCompletion answer = client.chat().completions().create(withResult(model, asked));

        assertThat(words(answer)).contains("the tool has answered: \"4 degrees, rain\"");
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
    }

    private static void streams_a_tool_call(String model) {
        ChatCompletion asked = accumulated(client, withTool(model).build());
        assertThat(arguments(asked).path("city").isTextual()).isTrue();

        assertThat(words(accumulated(client, withResult(model, asked))))
                .contains("the tool has answered: \"4 degrees, rain\"");
    }

    private static ChatCompletion accumulated(OpenAIClient from, ChatCompletionCreateParams params) {
        return accumulated(from, params, chunk -> {});
    }

    private static ChatCompletion accumulated(
            OpenAIClient from, ChatCompletionCreateParams params, Consumer<ChatCompletionChunk> eachChunk) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                from.chat().completions().createStreaming(params)) {
            stream.stream().map(whole::accumulate).forEach(eachChunk);
        }
        return whole.chatCompletion();
    }

    private static JsonNode arguments(ChatCompletion asked) {
        JsonNode arguments = Json.parse(call(asked).function().arguments().getBytes(StandardCharsets.UTF_8));
        assertThat(arguments).isNotNull();
        return arguments;
    }

    private static ChatCompletionMessageFunctionToolCall call(ChatCompletion asked) {
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

    private static ChatCompletionCreateParams question(String model) {
        return ChatCompletionCreateParams.builder()
                .model(model)
                .addUserMessage(QUESTION)
                .build();
    }

    private static ChatCompletionCreateParams withUsage(String model) {
        return question(model).toBuilder()
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
    }

    private static ChatCompletionCreateParams.Builder withTool(String model) {
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

    private static ChatCompletionCreateParams withResult(String model, ChatCompletion asked) {
        ChatCompletionMessage said = asked.choices().getFirst().message();
        return withTool(model)
                .addMessage(said)
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call(asked).id())
                        .content("4 degrees, rain")
                        .build())
                .build();
    }

    private static String words(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElse("");
    }

    private static String words(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
    }

    private static List<ChatCompletionChunk.Choice.FinishReason> finishes(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.finishReason().stream())
                .toList();
    }

    private static void fault(String provider, String kind) {
        assertThat(gateway.post("/demo/" + provider + "/fault?kind=" + kind, "").status())
                .isEqualTo(200);
    }
}
