package io.bactrian.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Tool calls of the Chat Completions protocol. Thread-safe. */
final class ChatCalls {
    private ChatCalls() {}

    static ObjectNode function(String id, String name, String arguments) {
        ObjectNode call = Json.object().put("id", id).put("type", "function");
        call.putObject("function").put("name", name).put("arguments", arguments);
        return call;
    }

    static ObjectNode custom(String id, String name, String input) {
        ObjectNode call = Json.object().put("id", id).put("type", "custom");
        call.putObject("custom").put("name", name).put("input", input);
        return call;
    }

    /** The input of a {@code tool_use} block as compact JSON. */
    static String arguments(JsonNode toolUse) {
        JsonNode input = toolUse.path("input");
        return input.isObject() ? input.toString() : "{}";
    }
}
