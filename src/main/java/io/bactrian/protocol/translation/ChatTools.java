package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Set;

/** The translation of tools and the choice of tools from Chat Completions to Messages. Thread-safe. */
final class ChatTools {
    private ChatTools() {}

    /**
     * Writes {@code tools} and {@code tool_choice}.
     *
     * @param called the tools in the history, which the API wants declared even if no tool is offered any more
     */
    static void write(ObjectNode chat, Set<String> called, ObjectNode body) {
        ArrayNode tools = tools(ExactJson.list(chat.path("tools"), "tools"), allowed(chat.path("tool_choice")));
        if (!tools.isEmpty()) {
            body.set("tools", tools);
            choice(chat, body);
        } else if (!called.isEmpty()) {
            called.forEach(name -> tools.add(tool(name, ExactJson.object(), emptySchema())));
            body.set("tools", tools);
            body.putObject("tool_choice").put("type", "none");
        }
    }

    /** Removes {@code strict} from the tools, for models without schemas for answers: both need the same support. */
    static void loosen(ObjectNode body, Set<String> dropped) {
        for (JsonNode tool : body.path("tools")) {
            if (((ObjectNode) tool).remove("strict") != null) {
                dropped.add("tools.strict");
            }
        }
    }

    private static ArrayNode tools(JsonNode declared, Set<String> allowed) {
        ArrayNode tools = ExactJson.array();
        for (int i = 0; i < declared.size(); i++) {
            ObjectNode tool = tool(declared.get(i), "tools[" + i + "]");
            if (allowed.isEmpty() || allowed.contains(tool.path("name").asText())) {
                tools.add(tool);
            }
        }
        if (tools.isEmpty() && !allowed.isEmpty()) {
            throw new Untranslatable.Invalid("None of the allowed tools is declared.", "tool_choice");
        }
        return tools;
    }

    private static ObjectNode tool(JsonNode tool, String param) {
        String type = ExactJson.text(tool, "type", "function");
        if (!type.equals("function") && !type.equals("custom")) {
            throw new Untranslatable.Ineligible("tools", "The Messages protocol has no such kind of tool.");
        }
        JsonNode definition = tool.path(type);
        String name = ExactJson.text(definition, "name");
        if (name == null) {
            throw new Untranslatable.Invalid("The tool has no name.", param);
        }
        return type.equals("custom") ? custom(name, definition) : function(name, definition);
    }

    private static ObjectNode function(String name, JsonNode definition) {
        ObjectNode schema =
                definition.get("parameters") instanceof ObjectNode given ? ExactJson.copy(given) : emptySchema();
        if (!schema.has("type")) {
            schema.put("type", "object");
        }
        boolean strict = definition.path("strict").asBoolean(false);
        ObjectNode tool = tool(name, definition, strict ? JsonSchemas.enforceable(schema) : schema);
        return strict ? tool.put("strict", true) : tool;
    }

    private static ObjectNode custom(String name, JsonNode definition) {
        if (definition.path("format").path("type").asText().equals("grammar")) {
            throw new Untranslatable.Ineligible("tools", "The Messages protocol has no grammars for tools.");
        }
        return tool(name, definition, CustomTools.schema());
    }

    private static ObjectNode tool(String name, JsonNode definition, ObjectNode schema) {
        ObjectNode tool = ExactJson.object().put("name", name);
        if (ExactJson.has(definition, "description")) {
            tool.set("description", definition.get("description"));
        }
        tool.set("input_schema", schema);
        return tool;
    }

    private static ObjectNode emptySchema() {
        ObjectNode schema = ExactJson.typed("object");
        schema.putObject("properties");
        return schema;
    }

    private static Set<String> allowed(JsonNode choice) {
        Set<String> names = new HashSet<>();
        for (JsonNode tool : choice.path("allowed_tools").path("tools")) {
            names.add(name(tool));
        }
        return names;
    }

    private static void choice(ObjectNode chat, ObjectNode body) {
        ObjectNode choice = choice(chat.path("tool_choice"));
        boolean single = chat.path("parallel_tool_calls").isBoolean()
                && !chat.path("parallel_tool_calls").booleanValue();
        if (single && !choice.path("type").asText().equals("none")) {
            if (choice.isEmpty()) {
                choice.put("type", "auto");
            }
            choice.put("disable_parallel_tool_use", true);
        }
        if (!choice.isEmpty()) {
            body.set("tool_choice", choice);
        }
    }

    private static ObjectNode choice(JsonNode choice) {
        if (choice.isNull() || choice.isMissingNode()) {
            return ExactJson.object();
        }
        return switch (choice.isTextual() ? choice.textValue() : ExactJson.text(choice, "type", "")) {
            case "none" -> ExactJson.typed("none");
            case "auto" -> ExactJson.typed("auto");
            case "required", "any" -> ExactJson.typed("any");
            case "function", "custom" -> ExactJson.typed("tool").put("name", name(choice));
            case "allowed_tools" ->
                ExactJson.typed(
                        choice.path("allowed_tools").path("mode").asText().equals("required") ? "any" : "auto");
            default -> throw new Untranslatable.Invalid("The choice of tools is unknown.", "tool_choice");
        };
    }

    private static String name(JsonNode reference) {
        return ExactJson.text(reference.path(ExactJson.text(reference, "type", "function")), "name", "");
    }
}
