package io.bactrian.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * A reader of templates that look like JSON but have descriptions in place of values, such as {@code "age": (type: integer)} of
 * LangChain4j: makes a JSON schema in which all fields are required. Used once. Not thread-safe.
 */
final class JsonTemplate {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int MAX_DEPTH = 12;

    private final String text;
    private int at;

    private JsonTemplate(String text) {
        this.text = text;
    }

    /** The schema of the template at the beginning of a text; what follows it is not read. */
    static JsonNode schema(String text) {
        return new JsonTemplate(text).value(0);
    }

    /** The schema of documents like an example. */
    static JsonNode like(JsonNode example) {
        ObjectNode schema = JSON.objectNode();
        switch (example.getNodeType()) {
            case OBJECT -> {
                schema.put("type", "object");
                ObjectNode properties = schema.putObject("properties");
                ArrayNode required = schema.putArray("required");
                example.properties().forEach(field -> {
                    properties.set(field.getKey(), like(field.getValue()));
                    required.add(field.getKey());
                });
            }
            case ARRAY -> {
                schema.put("type", "array");
                schema.set("items", example.isEmpty() ? schema.objectNode() : like(example.get(0)));
            }
            case NUMBER -> schema.put("type", example.isIntegralNumber() ? "integer" : "number");
            case BOOLEAN -> schema.put("type", "boolean");
            default -> schema.put("type", "string");
        }
        return schema;
    }

    private ObjectNode value(int depth) {
        blanks();
        if (depth < MAX_DEPTH && at < text.length()) {
            switch (text.charAt(at)) {
                case '{' -> {
                    return object(depth);
                }
                case '[' -> {
                    at++;
                    ObjectNode array = JSON.objectNode().put("type", "array");
                    array.set("items", value(depth + 1));
                    skipTo(']');
                    return array;
                }
                case '(' -> {
                    at++;
                    ObjectNode described = described(depth);
                    skipTo(')');
                    return described;
                }
                default -> {}
            }
        }
        return typed(untilAny(",}])\n"));
    }

    private ObjectNode object(int depth) {
        at++;
        ObjectNode schema = JSON.objectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        while (at < text.length()) {
            blanks();
            if (at >= text.length() || text.charAt(at) == '}') {
                at++;
                break;
            }
            if (text.charAt(at) != '"') {
                at++;
                continue;
            }
            int end = text.indexOf('"', at + 1);
            if (end < 0) {
                break;
            }
            String name = text.substring(at + 1, end);
            at = end + 1;
            blanks();
            if (at < text.length() && text.charAt(at) == ':') {
                at++;
                properties.set(name, value(depth + 1));
                required.add(name);
            }
        }
        return schema;
    }

    /** A description with a type at its end, which may be an object with its own fields. */
    private ObjectNode described(int depth) {
        int start = at;
        while (at < text.length() && "){".indexOf(text.charAt(at)) < 0) {
            // A pattern in parentheses belongs to the type: date string (2023-12-31).
            at = text.charAt(at) == '(' ? Math.max(at + 1, text.indexOf(')', at) + 1) : at + 1;
        }
        String words = text.substring(start, Math.min(at, text.length()));
        boolean list = words.matches("(?is).*\\b(?:array|list|set) of\\b.*");
        if (at < text.length() && text.charAt(at) == '{') {
            ObjectNode object = object(depth + 1);
            if (!list) {
                return object;
            }
            ObjectNode array = JSON.objectNode().put("type", "array");
            array.set("items", object);
            return array;
        }
        return typed(words);
    }

    private static ObjectNode typed(String words) {
        String lower = words.toLowerCase(Locale.ROOT);
        int type = lower.lastIndexOf("type:");
        String name = (type < 0 ? lower : lower.substring(type + 5)).strip();
        ObjectNode schema = JSON.objectNode();
        if (name.contains("must be one of [")) {
            int from = words.lastIndexOf('[') + 1;
            int to = words.indexOf(']', from);
            ArrayNode constants = schema.put("type", "string").putArray("enum");
            for (String constant :
                    words.substring(from, to < 0 ? words.length() : to).split(",")) {
                constants.add(constant.strip());
            }
            return schema;
        }
        if (name.matches("(?s)(?:array|list|set) of .*")) {
            schema.put("type", "array");
            schema.set(
                    "items",
                    typed(words.substring(words.toLowerCase(Locale.ROOT).lastIndexOf(" of ") + 4)));
            return schema;
        }
        if (name.startsWith("date-time") || name.startsWith("datetime")) {
            return schema.put("type", "string").put("const", "2026-11-23T12:00:00");
        }
        if (name.startsWith("date")) {
            return schema.put("type", "string").put("format", "date");
        }
        if (name.startsWith("time")) {
            return schema.put("type", "string").put("const", "12:00:00");
        }
        return schema.put(
                "type",
                name.matches("(?s)\\W*(?:int|integer|long|short)\\b.*") || name.matches("\\d+")
                        ? "integer"
                        : name.matches("(?s)\\W*(?:number|float|double|decimal)\\b.*") || name.matches("\\d+\\.\\d+")
                                ? "number"
                                : name.matches("(?s)\\W*(?:bool|boolean|true|false)\\b.*") ? "boolean" : "string");
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private void skipTo(char end) {
        int found = text.indexOf(end, at);
        at = found < 0 ? text.length() : found + 1;
    }

    /** The text up to one of some characters, a quoted part as a whole. */
    private String untilAny(String ends) {
        int start = at;
        boolean quoted = false;
        while (at < text.length() && (quoted || ends.indexOf(text.charAt(at)) < 0)) {
            quoted ^= text.charAt(at) == '"';
            at++;
        }
        return text.substring(start, at);
    }
}
