package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.demo.SimulatedRequest.Role;
import io.bactrian.demo.SimulatedRequest.Tool;
import io.bactrian.demo.SimulatedRequest.Turn;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A parser of requests in the Anthropic Messages format. Stateless. */
final class AnthropicRequest {
    private AnthropicRequest() {}

    static SimulatedRequest read(JsonNode request) {
        if (!request.path("max_tokens").isInt()) {
            throw new IllegalArgumentException("max_tokens: Field required");
        }
        if (!request.path("messages").has(0)) {
            throw new IllegalArgumentException("messages: at least one message is required");
        }
        List<Turn> turns = new ArrayList<>();
        StringBuilder instructions = new StringBuilder(OpenAiRequest.text(request.path("system")));
        int characters = instructions.length();
        for (JsonNode message : request.path("messages")) {
            Turn turn = turn(message);
            characters += turn.text().length();
            if (message.path("role").asText().equals("system")) {
                instructions.append("\n\n").append(turn.text());
            } else {
                turns.add(turn);
            }
        }
        JsonNode format = request.path("output_config").path("format");
        return new SimulatedRequest(
                request.path("model").asText("simulated"),
                turns,
                tools(request),
                choice(request.path("tool_choice")),
                format.path("type").asText().equals("json_schema")
                        ? PromptedFormat.of(format.path("schema"))
                        : PromptedFormat.of(instructions.toString(), OpenAiRequest.lastOfUser(turns)),
                request.path("max_tokens").asInt(),
                1 + characters / 4,
                request.path("stream").asBoolean(),
                true);
    }

    private static Turn turn(JsonNode message) {
        JsonNode content = message.path("content");
        if (message.path("role").asText().equals("assistant")) {
            return new Turn(Role.ASSISTANT, OpenAiRequest.text(content));
        }
        for (JsonNode block : content) {
            if (block.path("type").asText().equals("tool_result")) {
                return new Turn(Role.TOOL, OpenAiRequest.text(block.path("content")));
            }
        }
        return new Turn(Role.USER, OpenAiRequest.text(content));
    }

    private static List<Tool> tools(JsonNode request) {
        List<Tool> tools = new ArrayList<>();
        if (!request.path("tool_choice").path("type").asText().equals("none")) {
            for (JsonNode tool : request.path("tools")) {
                if (tool.has("input_schema")) {
                    tools.add(new Tool(tool.path("name").asText(), tool.path("input_schema")));
                }
            }
        }
        return tools;
    }

    private static @Nullable String choice(JsonNode choice) {
        return choice.path("name").isTextual() ? choice.path("name").asText() : null;
    }
}
