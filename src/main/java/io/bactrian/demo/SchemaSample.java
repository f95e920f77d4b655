package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A generator of small documents that fit a JSON schema: required properties, first values of enums, ones, true, and a
 * given text for strings. It covers what tools and answer formats use in practice; it ignores {@code pattern},
 * {@code multipleOf} and {@code not}.
 */
final class SchemaSample {
    private static final int MAX_DEPTH = 12;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final JsonNode root;
    private final String text;

    private SchemaSample(JsonNode root, String text) {
        this.root = root;
        this.text = text;
    }

    /** A sample for the schema; an empty object if the schema is empty or not an object. */
    static JsonNode of(JsonNode schema, String text) {
        if (!schema.isObject() || schema.isEmpty()) {
            return JSON.objectNode();
        }
        return new SchemaSample(schema, text.isEmpty() ? "text" : text).sample(schema, 0);
    }

    private JsonNode sample(JsonNode schema, int depth) {
        if (depth > MAX_DEPTH) {
            return JSON.nullNode();
        }
        String ref = schema.path("$ref").asText("");
        if (ref.startsWith("#")) {
            return sample(root.at(ref.substring(1)), depth + 1);
        }
        if (schema.has("const")) {
            return schema.path("const");
        }
        if (schema.path("enum").has(0)) {
            return schema.path("enum").path(0);
        }
        for (String choice : List.of("anyOf", "oneOf")) {
            for (JsonNode option : schema.path(choice)) {
                if (!option.path("type").asText("").equals("null")) {
                    return sample(option, depth + 1);
                }
            }
        }
        if (schema.path("allOf").has(0)) {
            return sample(merged(schema), depth + 1);
        }
        return switch (type(schema)) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "integer", "number" -> number(schema);
            case "boolean" -> JSON.booleanNode(true);
            case "null" -> JSON.nullNode();
            default -> JSON.textNode(string(schema));
        };
    }

    private static String type(JsonNode schema) {
        JsonNode type = schema.path("type");
        for (JsonNode one : type) {
            if (!one.asText().equals("null")) {
                return one.asText();
            }
        }
        if (type.isTextual()) {
            return type.asText();
        }
        return schema.has("properties") ? "object" : schema.has("items") ? "array" : "string";
    }

    private ObjectNode merged(JsonNode schema) {
        ObjectNode all = JSON.objectNode();
        all.setAll((ObjectNode) schema.deepCopy());
        all.remove("allOf");
        for (JsonNode part : schema.path("allOf")) {
            String ref = part.path("$ref").asText("");
            JsonNode resolved = ref.startsWith("#") ? root.at(ref.substring(1)) : part;
            resolved.properties().forEach(field -> {
                if (field.getKey().equals("properties") && field.getValue() instanceof ObjectNode more) {
                    all.withObject("/properties").setAll(more);
                } else if (field.getKey().equals("required") && field.getValue() instanceof ArrayNode more) {
                    all.withArray("required").addAll(more);
                } else {
                    all.set(field.getKey(), field.getValue());
                }
            });
        }
        return all;
    }

    private ObjectNode object(JsonNode schema, int depth) {
        ObjectNode object = JSON.objectNode();
        JsonNode properties = schema.path("properties");
        List<String> wanted = new ArrayList<>();
        schema.path("required").forEach(name -> wanted.add(name.asText()));
        if (wanted.isEmpty() && !properties.isEmpty()) {
            wanted.add(properties.fieldNames().next());
        }
        wanted.forEach(name -> object.set(name, sample(properties.path(name), depth + 1)));
        return object;
    }

    private ArrayNode array(JsonNode schema, int depth) {
        ArrayNode array = JSON.arrayNode();
        int most = schema.path("maxItems").asInt(Integer.MAX_VALUE);
        int count =
                Math.min(most, Math.max(1, Math.min(16, schema.path("minItems").asInt(1))));
        for (int i = 0; i < count; i++) {
            array.add(sample(schema.path("items"), depth + 1));
        }
        return array;
    }

    private static JsonNode number(JsonNode schema) {
        long value = 1;
        if (schema.has("minimum")) {
            value = Math.max(value, (long) Math.ceil(schema.path("minimum").asDouble()));
        }
        if (schema.path("exclusiveMinimum").isNumber()) {
            value = Math.max(
                    value, (long) Math.floor(schema.path("exclusiveMinimum").asDouble()) + 1);
        }
        if (schema.has("maximum")) {
            value = Math.min(value, (long) Math.floor(schema.path("maximum").asDouble()));
        }
        return JSON.numberNode(value);
    }

    private String string(JsonNode schema) {
        String value =
                switch (schema.path("format").asText("")) {
                    case "date" -> "2026-11-23";
                    case "time" -> "12:00:00Z";
                    case "date-time" -> "2026-11-23T12:00:00Z";
                    case "email" -> "someone@example.com";
                    case "uri", "uri-reference" -> "https://example.com/";
                    case "uuid" -> "00000000-0000-4000-8000-000000000000";
                    default -> text;
                };
        int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
        int least = Math.min(schema.path("minLength").asInt(0), 10_000);
        String padded = value + "x".repeat(Math.max(0, least - value.codePointCount(0, value.length())));
        return padded.codePointCount(0, padded.length()) > most
                ? padded.substring(0, padded.offsetByCodePoints(0, most))
                : padded;
    }
}
