package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.demo.SimulatedRequest.Role;
import io.bactrian.demo.SimulatedRequest.Tool;
import io.bactrian.demo.SimulatedRequest.Turn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A parser of requests in the OpenAI Chat Completions format. Stateless. */
final class OpenAiRequest {
    private OpenAiRequest() {}

    static SimulatedRequest read(JsonNode request) {
        if (!request.path("messages").has(0)) {
            throw new IllegalArgumentException(
                    "Invalid 'messages': empty array. Expected an array with minimum length 1.");
        }
        List<Turn> turns = new ArrayList<>();
        StringBuilder instructions = new StringBuilder();
        int characters = 0;
        for (JsonNode message : request.path("messages")) {
            String text = text(message.path("content"));
            characters += text.length();
            switch (message.path("role").asText()) {
                case "user" -> turns.add(new Turn(Role.USER, text));
                case "assistant" -> turns.add(new Turn(Role.ASSISTANT, text));
                case "tool", "function" -> turns.add(new Turn(Role.TOOL, text));
                // System and developer messages affect the form of the answer only.
                default -> instructions.append(text).append("\n\n");
            }
        }
        JsonNode format = request.path("response_format");
        int maxTokens = request.path("max_completion_tokens")
                .asInt(request.path("max_tokens").asInt());
        return new SimulatedRequest(
                request.path("model").asText("simulated"),
                turns,
                tools(request),
                choice(request.path("tool_choice")),
                format(format, PromptedFormat.of(instructions.toString(), lastOfUser(turns))),
                maxTokens,
                1 + characters / 4,
                request.path("stream").asBoolean(),
                request.path("stream_options").path("include_usage").asBoolean());
    }

    /** The text of a content field, which is a string or a list of parts. */
    static String text(JsonNode content) {
        if (content.isArray()) {
            return StreamSupport.stream(content.spliterator(), false)
                    .map(part -> part.path("text").asText(""))
                    .filter(text -> !text.isEmpty())
                    .collect(Collectors.joining(" "));
        }
        return content.asText("");
    }

    private static List<Tool> tools(JsonNode request) {
        List<Tool> tools = new ArrayList<>();
        if (!request.path("tool_choice").asText("").equals("none")) {
            for (JsonNode tool : request.path("tools")) {
                JsonNode function = tool.path("function");
                if (function.has("name")) {
                    tools.add(new Tool(function.path("name").asText(), function.path("parameters")));
                }
            }
        }
        return tools;
    }

    private static @Nullable String choice(JsonNode choice) {
        JsonNode tool = choice.path("allowed_tools").path("tools").path(0);
        JsonNode name = (tool.isMissingNode() ? choice : tool).path("function").path("name");
        return name.isTextual() ? name.asText() : null;
    }

    private static @Nullable PromptedFormat format(JsonNode format, @Nullable PromptedFormat prompted) {
        return switch (format.path("type").asText("")) {
            case "json_schema" -> PromptedFormat.of(format.path("json_schema").path("schema"));
            case "json_object" ->
                format.path("schema").isObject()
                        ? PromptedFormat.of(format.path("schema"))
                        : PromptedFormat.object(prompted);
            default -> prompted;
        };
    }

    /** The last message of the user; empty if there is none. */
    static String lastOfUser(List<Turn> turns) {
        for (Turn turn : turns.reversed()) {
            if (turn.role() == Role.USER) {
                return turn.text();
            }
        }
        return "";
    }
}
