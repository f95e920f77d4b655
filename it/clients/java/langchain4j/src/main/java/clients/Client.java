package clients;

import static clients.Operations.model;
import static clients.Operations.prompt;
import static clients.Operations.result;
import static dev.langchain4j.model.chat.Capability.RESPONSE_FORMAT_JSON_SCHEMA;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.anthropic.AnthropicTokenCountEstimator;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The program of LangChain4j with its OpenAI or its Anthropic module, told nothing but a base URL and never allowed to retry. */
public final class Client {
    private static final Duration PATIENCE = Duration.ofSeconds(45);

    private final boolean openAi;
    private final String url;

    private Client(String gateway, String module) {
        openAi = module.equals("openai");
        url = gateway + "/v1";
    }

    public static void main(String[] arguments) throws IOException {
        Client all = new Client(arguments[0], arguments[1]);
        Map<String, Operations.Operation> operations = new TreeMap<>(Map.of(
                "answer", all::answer,
                "stream", all::stream,
                "tools", all::tools,
                "json", all::json));
        if (all.openAi) {
            operations.put("schema", all::schema);
            operations.put("embeddings", all::embeddings);
        } else {
            operations.put("count", all::count);
        }
        Operations.serve(operations);
    }

    /** The shape of a structured answer. */
    public record City(String city, int days) {}

    /** A service that LangChain4j implements. */
    interface Assistant {
        String chat(String text);
    }

    /** A service with a structured answer. */
    interface Extractor {
        City city(String text);
    }

    /** A tool that notes its call. */
    static final class Weather {
        private final ObjectNode seen;
        private final String result;

        Weather(ObjectNode seen, String result) {
            this.seen = seen;
            this.result = result;
        }

        @Tool("The weather of a city")
        String weather(@P("its name") String city, @P("how many") int days) {
            seen.put("tool", "weather");
            seen.putObject("arguments").put("city", city).put("days", days);
            return result;
        }
    }

    private ChatModel chatModel(JsonNode asked, boolean schema) {
        if (openAi) {
            OpenAiChatModel.OpenAiChatModelBuilder builder = OpenAiChatModel.builder()
                    .baseUrl(url)
                    .apiKey("any")
                    .modelName(model(asked))
                    .maxRetries(0)
                    .timeout(PATIENCE);
            return schema
                    ? builder.supportedCapabilities(RESPONSE_FORMAT_JSON_SCHEMA)
                            .strictJsonSchema(true)
                            .build()
                    : builder.build();
        }
        return AnthropicChatModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName(model(asked))
                .maxRetries(0)
                .timeout(PATIENCE)
                .build();
    }

    private StreamingChatModel streamingModel(JsonNode asked) {
        return openAi
                ? OpenAiStreamingChatModel.builder()
                        .baseUrl(url)
                        .apiKey("any")
                        .modelName(model(asked))
                        .timeout(PATIENCE)
                        .build()
                : AnthropicStreamingChatModel.builder()
                        .baseUrl(url)
                        .apiKey("any")
                        .modelName(model(asked))
                        .timeout(PATIENCE)
                        .build();
    }

    private static void whole(ChatResponse response, ObjectNode seen) {
        seen.put("text", response.aiMessage().text());
        if (response.finishReason() != null) {
            seen.put("finish", response.finishReason().toString());
        }
        if (response.tokenUsage() != null) {
            seen.put("input", response.tokenUsage().inputTokenCount());
            seen.put("output", response.tokenUsage().outputTokenCount());
        }
    }

    private void answer(JsonNode asked, ObjectNode seen) {
        whole(chatModel(asked, false).chat(UserMessage.from(prompt(asked))), seen);
    }

    private void stream(JsonNode asked, ObjectNode seen) throws Exception {
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder text = new StringBuilder();
        streamingModel(asked).chat(prompt(asked), new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String part) {
                text.append(part);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        try {
            whole(whole.get(), seen);
        } catch (ExecutionException e) {
            seen.put("text", text.toString());
            throw e;
        }
        if (!text.toString().equals(seen.path("text").asText())) {
            throw new IllegalStateException("the complete response differs from the words of the stream");
        }
    }

    private void tools(JsonNode asked, ObjectNode seen) {
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(chatModel(asked, false))
                .tools(new Weather(seen, result(asked)))
                .build();
        seen.put("text", assistant.chat(prompt(asked)));
    }

    private void schema(JsonNode asked, ObjectNode seen) {
        extract(asked, true, seen);
    }

    /** LangChain4j describes the shape in the prompt. */
    private void json(JsonNode asked, ObjectNode seen) {
        extract(asked, false, seen);
    }

    private void extract(JsonNode asked, boolean schema, ObjectNode seen) {
        City city = AiServices.builder(Extractor.class)
                .chatModel(chatModel(asked, schema))
                .build()
                .city(prompt(asked));
        seen.putObject("object").put("city", city.city()).put("days", city.days());
    }

    private void embeddings(JsonNode asked, ObjectNode seen) {
        ArrayNode sizes = seen.putArray("sizes");
        OpenAiEmbeddingModel.builder()
                .baseUrl(url)
                .apiKey("any")
                .modelName(model(asked))
                .maxRetries(0)
                .build()
                .embedAll(List.of(TextSegment.from("one camel"), TextSegment.from("two camels")))
                .content()
                .forEach(each -> sizes.add(each.dimension()));
    }

    private void count(JsonNode asked, ObjectNode seen) {
        seen.put(
                "tokens",
                AnthropicTokenCountEstimator.builder()
                        .baseUrl(url)
                        .apiKey("any")
                        .modelName(model(asked))
                        .build()
                        .estimateTokenCountInMessage(UserMessage.from(prompt(asked))));
    }
}
