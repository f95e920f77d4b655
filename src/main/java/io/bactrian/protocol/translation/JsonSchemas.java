package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON schemas in the subset that Anthropic enforces, as its official SDK makes them: every object is closed, and a
 * keyword outside the subset moves into the description, which the model reads. Thread-safe.
 */
final class JsonSchemas {
    private static final Set<String> FORMATS =
            Set.of("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid");
    private static final String OLD_DEFINITIONS = "#/definitions/";

    private JsonSchemas() {}

    /** A new schema in that subset; the given one is not changed. */
    static ObjectNode enforceable(ObjectNode schema) {
        ObjectNode result = ExactJson.object();
        StringBuilder rest = new StringBuilder();
        for (Map.Entry<String, JsonNode> keyword : schema.properties()) {
            String name = keyword.getKey();
            JsonNode value = keyword.getValue();
            JsonNode kept = kept(name, value);
            if (kept != null) {
                result.set(target(name), kept);
            } else if (!name.equals("additionalProperties") || value.isObject()) {
                rest.append(rest.isEmpty() ? "{" : ", ")
                        .append(name)
                        .append(": ")
                        .append(value);
            }
        }
        if (isObject(schema)) {
            result.put("additionalProperties", false);
        }
        if (!rest.isEmpty()) {
            String description = ExactJson.text(schema, "description", "");
            result.put("description", (description.isEmpty() ? "" : description + "\n\n") + rest + "}");
        }
        return result;
    }

    /**
     * True if OpenAI accepts the schema as a strict one: every object is closed, and each of its properties required.
     */
    static boolean isStrict(JsonNode schema) {
        if (schema instanceof ObjectNode object && isObject(object)) {
            Set<String> required = new HashSet<>();
            object.path("required").forEach(name -> required.add(name.asText()));
            boolean closed = object.path("additionalProperties").isBoolean()
                    && !object.path("additionalProperties").booleanValue();
            boolean all = object.path("properties").properties().stream()
                    .allMatch(property -> required.contains(property.getKey()));
            if (!closed || !all) {
                return false;
            }
        }
        for (JsonNode part : schema) {
            if (!isStrict(part)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable JsonNode kept(String name, JsonNode value) {
        return switch (name) {
            case "type", "required", "enum", "const", "description", "title" -> value.deepCopy();
            case "$ref" -> reference(value);
            case "properties", "$defs", "definitions" -> value instanceof ObjectNode named ? each(named) : null;
            case "anyOf", "oneOf", "allOf" -> value instanceof ArrayNode options ? each(options) : null;
            case "items" -> value instanceof ObjectNode item ? enforceable(item) : null;
            case "minItems" -> value.asInt(-1) == 0 || value.asInt(-1) == 1 ? value : null;
            case "format" -> FORMATS.contains(value.asText()) ? value : null;
            default -> null;
        };
    }

    private static String target(String name) {
        return switch (name) {
            case "oneOf" -> "anyOf";
            case "definitions" -> "$defs";
            default -> name;
        };
    }

    private static JsonNode reference(JsonNode value) {
        String to = value.asText();
        return to.startsWith(OLD_DEFINITIONS)
                ? TextNode.valueOf("#/$defs/" + to.substring(OLD_DEFINITIONS.length()))
                : value;
    }

    private static ObjectNode each(ObjectNode named) {
        ObjectNode result = ExactJson.object();
        for (Map.Entry<String, JsonNode> entry : named.properties()) {
            result.set(entry.getKey(), one(entry.getValue()));
        }
        return result;
    }

    private static ArrayNode each(ArrayNode options) {
        ArrayNode result = ExactJson.array();
        options.forEach(option -> result.add(one(option)));
        return result;
    }

    private static JsonNode one(JsonNode schema) {
        return schema instanceof ObjectNode object ? enforceable(object) : schema;
    }

    private static boolean isObject(ObjectNode schema) {
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            for (JsonNode one : type) {
                if (one.asText().equals("object")) {
                    return true;
                }
            }
        }
        return type.asText().equals("object") || (type.isMissingNode() && schema.has("properties"));
    }
}
