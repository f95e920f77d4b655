package clients;

import static clients.Operations.JSON;
import static clients.Operations.model;
import static clients.Operations.prompt;
import static clients.Operations.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonObject;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The program of OpenAI's SDK, told nothing but a base URL and never allowed to retry. */
public final class Client {
    private final OpenAIClient client;

    private Client(String gateway) {
        client = OpenAIOkHttpClient.builder()
                .baseUrl(gateway + "/v1")
                .apiKey("any")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(45))
                .build();
    }

    public static void main(String[] arguments) throws IOException {
        Client all = new Client(arguments[0]);
        Operations.serve(Map.of(
                "answer", all::answer,
                "stream", all::stream,
                "tools", all::tools,
                "schema", all::schema,
                "json", all::json,
                "models", all::models,
                "embeddings", all::embeddings));
    }

    /** The shape of a structured answer. */
    public static final class City {
        public String city;
        public int days;
    }

    private static ChatCompletionCreateParams.Builder question(JsonNode asked) {
        return ChatCompletionCreateParams.builder().model(model(asked)).addUserMessage(prompt(asked));
    }

    private static ChatCompletionMessage whole(ChatCompletion completion, ObjectNode seen) {
        ChatCompletion.Choice choice = completion.choices().get(0);
        seen.put("text", choice.message().content().orElse(null));
        seen.put("finish", choice.finishReason().toString());
        completion.usage().ifPresent(usage -> seen.put("input", usage.promptTokens())
                .put("output", usage.completionTokens()));
        return choice.message();
    }

    private void answer(JsonNode asked, ObjectNode seen) {
        whole(client.chat().completions().create(question(asked).build()), seen);
    }

    private void stream(JsonNode asked, ObjectNode seen) {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        ChatCompletionCreateParams params = question(asked)
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        StringBuilder text = new StringBuilder();
        try (StreamResponse<ChatCompletionChunk> chunks =
                client.chat().completions().createStreaming(params)) {
            chunks.stream().forEach(chunk -> {
                whole.accumulate(chunk);
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                seen.put("text", text.toString());
            });
        }
        whole(whole.chatCompletion(), seen);
    }

    private void tools(JsonNode asked, ObjectNode seen) throws IOException {
        ChatCompletionCreateParams.Builder params = question(asked)
                .addFunctionTool(FunctionDefinition.builder()
                        .name("weather")
                        .description("The weather of a city")
                        .parameters(FunctionParameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .putAdditionalProperty(
                                        "properties",
                                        JsonValue.from(Map.of(
                                                "city", Map.of("type", "string"), "days", Map.of("type", "integer"))))
                                .putAdditionalProperty("required", JsonValue.from(List.of("city", "days")))
                                .build())
                        .build());
        ChatCompletionMessage called = whole(client.chat().completions().create(params.build()), seen);
        ChatCompletionMessageFunctionToolCall call =
                called.toolCalls().orElseThrow().get(0).asFunction();
        seen.put("tool", call.function().name());
        seen.set("arguments", JSON.readTree(call.function().arguments()));
        params.addMessage(called)
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.id())
                        .content(result(asked))
                        .build());
        whole(client.chat().completions().create(params.build()), seen);
    }

    private void schema(JsonNode asked, ObjectNode seen) {
        City city = client.chat()
                .completions()
                .create(question(asked).responseFormat(City.class).build())
                .choices()
                .get(0)
                .message()
                .content()
                .orElseThrow();
        seen.putObject("object").put("city", city.city).put("days", city.days);
    }

    private void json(JsonNode asked, ObjectNode seen) throws IOException {
        ChatCompletion completion = client.chat()
                .completions()
                .create(ChatCompletionCreateParams.builder()
                        .model(model(asked))
                        .addUserMessage("Answer with a JSON object.")
                        .responseFormat(ResponseFormatJsonObject.builder().build())
                        .build());
        seen.set(
                "object",
                JSON.readTree(completion.choices().get(0).message().content().orElseThrow()));
    }

    private void models(JsonNode asked, ObjectNode seen) {
        ArrayNode ids = seen.putArray("ids");
        client.models().list().autoPager().forEach(model -> ids.add(model.id()));
    }

    private void embeddings(JsonNode asked, ObjectNode seen) {
        ArrayNode sizes = seen.putArray("sizes");
        client.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model(model(asked))
                        .inputOfArrayOfStrings(List.of("one camel", "two camels"))
                        .build())
                .data()
                .forEach(each -> sizes.add(each.embedding().size()));
    }
}
