package clients;

import static clients.Operations.model;
import static clients.Operations.prompt;
import static clients.Operations.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.model.Generation;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.tool.annotation.Tool;

/** The program of Spring AI with its OpenAI or its Anthropic module, without Spring Boot, never allowed to retry. */
public final class Client {
    private final boolean openAi;
    private final String gateway;

    private Client(String gateway, String module) {
        openAi = module.equals("openai");
        this.gateway = gateway;
    }

    public static void main(String[] arguments) throws IOException {
        Client all = new Client(arguments[0], arguments[1]);
        Map<String, Operations.Operation> operations = new TreeMap<>(Map.of(
                "answer", all::answer,
                "stream", all::stream,
                "tools", all::tools,
                "json", all::json));
        if (all.openAi) {
            operations.put("embeddings", all::embeddings);
        }
        Operations.serve(operations);
    }

    /** The shape of a structured answer. */
    public record City(String city, int days) {}

    /** A tool that notes its call. */
    static final class Weather {
        private final ObjectNode seen;
        private final String result;

        Weather(ObjectNode seen, String result) {
            this.seen = seen;
            this.result = result;
        }

        @Tool(description = "The weather of a city")
        String weather(String city, int days) {
            seen.put("tool", "weather");
            seen.putObject("arguments").put("city", city).put("days", days);
            return result;
        }
    }

    private ChatModel chatModel(JsonNode asked) {
        return openAi ? Models.openAi(gateway, model(asked)) : Models.anthropic(gateway, model(asked));
    }

    private void answer(JsonNode asked, ObjectNode seen) {
        ChatResponse response = chatModel(asked).call(new Prompt(prompt(asked)));
        seen.put("text", response.getResult().getOutput().getText());
        finish(response, seen);
    }

    private void stream(JsonNode asked, ObjectNode seen) {
        StringBuilder text = new StringBuilder();
        chatModel(asked).stream(new Prompt(prompt(asked)))
                .doOnNext(part -> {
                    for (Generation generation : part.getResults()) {
                        if (generation.getOutput().getText() != null) {
                            text.append(generation.getOutput().getText());
                        }
                    }
                    seen.put("text", text.toString());
                    finish(part, seen);
                })
                .blockLast();
    }

    /** Notes the finish reason and the usage, if this part of an answer has them. */
    private static void finish(ChatResponse response, ObjectNode seen) {
        if (response.getResult() != null) {
            String reason = response.getResult().getMetadata().getFinishReason();
            if (reason != null && !reason.isEmpty()) {
                seen.put("finish", reason);
            }
        }
        Usage usage = response.getMetadata().getUsage();
        if (usage != null && usage.getTotalTokens() > 0) {
            seen.put("input", usage.getPromptTokens());
            seen.put("output", usage.getCompletionTokens());
        }
    }

    private void tools(JsonNode asked, ObjectNode seen) {
        seen.put(
                "text",
                ChatClient.create(chatModel(asked))
                        .prompt(prompt(asked))
                        .tools(new Weather(seen, result(asked)))
                        .call()
                        .content());
    }

    /** Spring AI describes the shape in the prompt, with a JSON schema. */
    private void json(JsonNode asked, ObjectNode seen) {
        City city =
                ChatClient.create(chatModel(asked)).prompt(prompt(asked)).call().entity(City.class);
        seen.putObject("object").put("city", city.city()).put("days", city.days());
    }

    private void embeddings(JsonNode asked, ObjectNode seen) {
        ArrayNode sizes = seen.putArray("sizes");
        Models.embeddings(gateway, model(asked))
                .embed(List.of("one camel", "two camels"))
                .forEach(each -> sizes.add(each.length));
    }
}
