package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Set;

/** The translation of tools and the choice of tools from Messages to Chat Completions. Thread-safe. */
final class MessagesTools {
    private MessagesTools() {}

    /** Writes {@code tools}, {@code tool_choice} and {@code parallel_tool_calls}. */
    static void write(ObjectNode messages, Set<String> dropped, ObjectNode body) {
        ArrayNode tools = ExactJson.array();
        JsonNode declared = ExactJson.list(messages.path("tools"), "tools");
        for (int i = 0; i < declared.size(); i++) {
            tools.add(tool(declared.get(i), dropped, "tools[" + i + "]"));
        }
        if (tools.isEmpty()) {
            return;
        }
        body.set("tools", tools);
        JsonNode choice = messages.path("tool_choice");
        if (choice.isObject()) {
            body.set("tool_choice", choice(choice));
            if (choice.path("disable_parallel_tool_use").asBoolean(false)) {
                body.put("parallel_tool_calls", false);
            }
        }
    }

    private static ObjectNode tool(JsonNode tool, Set<String> dropped, String param) {
        if (!ExactJson.text(tool, "type", "custom").equals("custom")) {
            throw new Untranslatable.Ineligible("server-tools", "The tool runs only at the vendor that provides it.");
        }
        String name = ExactJson.text(tool, "name");
        if (name == null) {
            throw new Untranslatable.Invalid("The tool has no name.", param + ".name");
        }
        for (String field : new String[] {"cache_control", "input_examples"}) {
            if (ExactJson.has(tool, field)) {
                dropped.add(field);
            }
        }
        ObjectNode result = ExactJson.typed("function");
        ObjectNode function = result.putObject("function").put("name", name);
        if (ExactJson.has(tool, "description")) {
            function.set("description", tool.get("description"));
        }
        if (tool.get("input_schema") instanceof ObjectNode schema) {
            function.set("parameters", withProperties(ExactJson.copy(schema)));
        }
        if (ExactJson.has(tool, "strict")) {
            function.set("strict", tool.get("strict"));
        }
        return result;
    }

    /** OpenAI and Azure refuse the schema of an object without properties, even where a tool takes none. */
    private static ObjectNode withProperties(ObjectNode schema) {
        boolean object = schema.path("type").asText("object").equals("object");
        boolean combined = schema.has("anyOf") || schema.has("oneOf") || schema.has("allOf") || schema.has("$ref");
        if (object && !combined && !schema.path("properties").isObject()) {
            schema.put("type", "object").putObject("properties");
        }
        return schema;
    }

    private static JsonNode choice(JsonNode choice) {
        return switch (ExactJson.text(choice, "type", "")) {
            case "auto" -> TextNode.valueOf("auto");
            case "any" -> TextNode.valueOf("required");
            case "none" -> TextNode.valueOf("none");
            case "tool" -> {
                ObjectNode function = ExactJson.typed("function");
                function.putObject("function").put("name", ExactJson.text(choice, "name", ""));
                yield function;
            }
            default -> throw new Untranslatable.Invalid("The choice of tools is unknown.", "tool_choice.type");
        };
    }
}
