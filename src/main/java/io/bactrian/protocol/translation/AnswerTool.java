package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * The tool through which a model returns an answer in a schema, for models that keep only to the schemas of tools. Its
 * name identifies it in the response; a second name marks an answer that is no object and was wrapped into one.
 * Thread-safe.
 */
final class AnswerTool {
    static final String NAME = ChatToMessages.ANSWER_TOOL;
    static final String WRAPPED = NAME + "_value";

    private static final String DESCRIPTION = "Takes the answer to the user. Call it once, with the whole answer.";
    private static final String VALUE = "value";

    /** Keywords that a tool's schema must not have at its root. */
    private static final Set<String> NOT_AT_ROOT = Set.of("anyOf", "allOf", "$ref");

    private AnswerTool() {}

    static boolean isCalledBy(JsonNode toolUse) {
        String name = ExactJson.text(toolUse, "name", "");
        return name.equals(NAME) || name.equals(WRAPPED);
    }

    static boolean isWrapped(JsonNode toolUse) {
        return WRAPPED.equals(ExactJson.text(toolUse, "name"));
    }

    /**
     * Adds the tool to the tools of the body if the request asks for a schema. A caller that demands a call of its own
     * tool gets that call and no other answer.
     */
    static void write(ObjectNode chat, ObjectNode body) {
        JsonNode format = chat.path("response_format");
        String choice = ExactJson.text(body.path("tool_choice"), "type", "auto");
        boolean demanded = choice.equals("any") || choice.equals("tool");
        if (!ExactJson.text(format, "type", "").equals("json_schema") || demanded) {
            return;
        }
        boolean offered = body.has("tools") && choice.equals("auto");
        ObjectNode tool = tool(format.path("json_schema"));
        ArrayNode tools = body.withArrayProperty("tools").add(tool);
        ObjectNode chosen = body.withObjectProperty("tool_choice");
        chosen.put("type", offered ? "any" : "tool");
        if (!offered) {
            chosen.set("name", tool.get("name"));
            chosen.put("disable_parallel_tool_use", true);
        }
    }

    /** The answer in a complete input, in the form of the caller's schema; an incomplete input stays as it is. */
    static String text(JsonNode toolUse, JsonNode input) {
        if (isWrapped(toolUse) && input.has(VALUE)) {
            return input.path(VALUE).toString();
        }
        String broken = input.size() == 1 ? ExactJson.text(input, ExactJson.RAW) : null;
        return broken != null ? broken : input.isObject() ? input.toString() : "{}";
    }

    private static ObjectNode tool(JsonNode asked) {
        ObjectNode schema = JsonSchemas.enforceable((ObjectNode) asked.path("schema"));
        boolean fits = isObject(schema);
        ObjectNode tool = ExactJson.object()
                .put("name", fits ? NAME : WRAPPED)
                .put("description", ExactJson.text(asked, "description", DESCRIPTION));
        tool.set("input_schema", fits ? schema.put("type", "object") : wrap(schema));
        return tool;
    }

    private static boolean isObject(ObjectNode schema) {
        JsonNode type = schema.path("type");
        boolean object =
                type.isMissingNode() ? schema.has("properties") : type.asText().equals("object");
        return object && NOT_AT_ROOT.stream().noneMatch(schema::has);
    }

    /** Wraps a schema into an object. Definitions stay at the root, to which references point. */
    private static ObjectNode wrap(ObjectNode schema) {
        ObjectNode outer = ExactJson.typed("object");
        JsonNode definitions = schema.remove("$defs");
        outer.putObject("properties").set(VALUE, schema);
        outer.putArray("required").add(VALUE);
        if (definitions != null) {
            outer.set("$defs", definitions);
        }
        moveReferences(outer);
        return outer.put("additionalProperties", false);
    }

    private static void moveReferences(JsonNode node) {
        String reference = ExactJson.text(node, "$ref", "");
        if (reference.startsWith("#") && !reference.startsWith("#/$defs/") && node instanceof ObjectNode schema) {
            schema.put("$ref", "#/properties/" + VALUE + reference.substring(1));
        }
        node.forEach(AnswerTool::moveReferences);
    }
}
