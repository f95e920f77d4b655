package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Tool calls of the Chat Completions protocol. Thread-safe. */
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

    /** The arguments of a function call as text; some servers write the object itself. */
    static String written(JsonNode function) {
        JsonNode arguments = function.path("arguments");
        return arguments.isObject() ? arguments.toString() : ExactJson.text(function, "arguments", "");
    }

    /** What an answer says in words, where some servers give a list of parts. */
    static String said(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder said = new StringBuilder();
        for (JsonNode part : content) {
            said.append(ExactJson.text(part, "text", ""));
        }
        return said.toString();
    }
}
