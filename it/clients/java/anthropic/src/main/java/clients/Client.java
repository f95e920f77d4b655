package clients;

import static clients.Operations.JSON;
import static clients.Operations.model;
import static clients.Operations.prompt;
import static clients.Operations.result;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.anthropic.models.models.ModelListParams;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The program of Anthropic's SDK, told nothing but a base URL and never allowed to retry. */
public final class Client {
    private static final int LIMIT = 1000;

    private final AnthropicClient client;

    private Client(String gateway) {
        client = AnthropicOkHttpClient.builder()
                .baseUrl(gateway)
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
                "models", all::models,
                "count", all::count));
    }

    /** The shape of a structured answer. */
    public static final class City {
        public String city;
        public int days;
    }

    private static MessageCreateParams.Builder question(JsonNode asked) {
        return MessageCreateParams.builder()
                .model(model(asked))
                .maxTokens(LIMIT)
                .addUserMessage(prompt(asked));
    }

    private static Message whole(Message message, ObjectNode seen) {
        seen.put(
                "text",
                message.content().stream()
                        .flatMap(block -> block.text().stream())
                        .map(text -> text.text())
                        .collect(Collectors.joining()));
        message.stopReason().ifPresent(reason -> seen.put("finish", reason.toString()));
        seen.put("input", message.usage().inputTokens());
        seen.put("output", message.usage().outputTokens());
        return message;
    }

    private void answer(JsonNode asked, ObjectNode seen) {
        whole(client.messages().create(question(asked).build()), seen);
    }

    private void stream(JsonNode asked, ObjectNode seen) {
        MessageAccumulator whole = MessageAccumulator.create();
        StringBuilder text = new StringBuilder();
        try (StreamResponse<RawMessageStreamEvent> events =
                client.messages().createStreaming(question(asked).build())) {
            events.stream().forEach(event -> {
                whole.accumulate(event);
                event.contentBlockDelta()
                        .flatMap(delta -> delta.delta().text())
                        .ifPresent(delta -> text.append(delta.text()));
                seen.put("text", text.toString());
            });
        }
        whole(whole.message(), seen);
    }

    private void tools(JsonNode asked, ObjectNode seen) {
        MessageCreateParams.Builder params = question(asked)
                .addTool(Tool.builder()
                        .name("weather")
                        .description("The weather of a city")
                        .inputSchema(Tool.InputSchema.builder()
                                .properties(Tool.InputSchema.Properties.builder()
                                        .putAdditionalProperty("city", JsonValue.from(Map.of("type", "string")))
                                        .putAdditionalProperty("days", JsonValue.from(Map.of("type", "integer")))
                                        .build())
                                .required(List.of("city", "days"))
                                .build())
                        .build());
        Message called = whole(client.messages().create(params.build()), seen);
        ToolUseBlock call = called.content().stream()
                .flatMap(block -> block.toolUse().stream())
                .findFirst()
                .orElseThrow();
        seen.put("tool", call.name());
        seen.set("arguments", call._input().convert(JsonNode.class));
        params.addMessage(called)
                .addUserMessageOfContentBlockParams(
                        List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                                .toolUseId(call.id())
                                .content(result(asked))
                                .build())));
        whole(client.messages().create(params.build()), seen);
    }

    private void schema(JsonNode asked, ObjectNode seen) {
        City city = client
                .messages()
                .create(question(asked).outputConfig(City.class).build())
                .content()
                .stream()
                .flatMap(block -> block.text().stream())
                .map(text -> text.text())
                .findFirst()
                .orElseThrow();
        seen.set("object", JSON.createObjectNode().put("city", city.city).put("days", city.days));
    }

    private void models(JsonNode asked, ObjectNode seen) {
        ArrayNode ids = seen.putArray("ids");
        client.models()
                .list(ModelListParams.builder().limit(2).build())
                .autoPager()
                .forEach(model -> {
                    if (model.displayName().isEmpty() || model.createdAt() == null) {
                        throw new IllegalStateException("no display_name or created_at: " + model.id());
                    }
                    ids.add(model.id());
                });
    }

    private void count(JsonNode asked, ObjectNode seen) {
        seen.put(
                "tokens",
                client.messages()
                        .countTokens(MessageCountTokensParams.builder()
                                .model(model(asked))
                                .addUserMessage(prompt(asked))
                                .build())
                        .inputTokens());
    }
}
