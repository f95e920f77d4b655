package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The tool calls of the Chat Completions protocol. Thread-safe. */
final class ChatCalls {
    private ChatCalls() {}

    static ObjectNode function(String id, String name, String arguments) {
        ObjectNode call = ExactJson.object().put("id", id).put("type", "function");
        call.putObject("function").put("name", name).put("arguments", arguments);
        return call;
    }

    static ObjectNode custom(String id, String name, String input) {
        ObjectNode call = ExactJson.object().put("id", id).put("type", "custom");
        call.putObject("custom").put("name", name).put("input", input);
        return call;
    }

    /** The input of a {@code tool_use} block as compact JSON. */
    static String arguments(JsonNode toolUse) {
        JsonNode input = toolUse.path("input");
        return input.isObject() ? input.toString() : "{}";
    }

    /** The arguments of a function call as text; some servers send the object itself. */
    static String argumentsText(JsonNode function) {
        JsonNode arguments = function.path("arguments");
        return arguments.isObject() ? arguments.toString() : ExactJson.text(function, "arguments", "");
    }

    /** The text of an answer, which some servers send as a list of parts. */
    static String contentText(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(ExactJson.text(part, "text", ""));
        }
        return text.toString();
    }
}
