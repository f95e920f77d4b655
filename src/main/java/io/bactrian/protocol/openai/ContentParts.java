package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of content in parts, which some servers put in their answers although official libraries expect text: the words become
 * {@code content}, thoughts {@code reasoning_content}, a refusal {@code refusal}, calls {@code tool_calls}. Parts without words, such as the references of
 * a citation, are kept under {@link #OTHERS}. Not thread-safe.
 */
final class ContentParts {
    /** The field of the parts without words. Each has an index, because official libraries join such lists by it. */
    static final String OTHERS = "content_parts";

    private static final Set<String> CALLS = Set.of("tool_use", "tool_call", "function_call");
    private static final List<String> INPUTS = List.of("input", "arguments");
    private static final List<String> LISTS = List.of("parts", "content");
    private static final List<String> THOUGHTS =
            List.of("thinking", "reasoning", "reasoning_content", "summary", "thought");
    private static final List<String> REASONING = List.of("reasoning_content", "reasoning");

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thoughts = new StringBuilder();
    private final StringBuilder refusal = new StringBuilder();
    private final ArrayNode others = Json.MAPPER.createArrayNode();
    private final ArrayNode calls = Json.MAPPER.createArrayNode();

    private ContentParts() {}

    /**
     * Writes the content of a message, or of a delta, as text.
     *
     * @param othersBefore the number of parts without words that the answer had before
     * @return whether anything had to be changed
     */
    static boolean mend(ObjectNode message, int othersBefore) {
        boolean changed = false;
        for (String field : REASONING) {
            JsonNode given = message.get(field);
            if (given != null && given.isContainerNode()) {
                ContentParts parts = new ContentParts();
                parts.read(given, true);
                message.put(field, parts.thoughts.toString());
                changed = true;
            }
        }
        JsonNode content = message.get("content");
        if (content == null || content.isTextual() || content.isNull()) {
            return changed;
        }
        ContentParts parts = new ContentParts();
        parts.read(content, false);
        parts.write(message, othersBefore);
        return true;
    }

    private void write(ObjectNode message, int othersBefore) {
        boolean other = !(thoughts.isEmpty() && refusal.isEmpty() && others.isEmpty() && calls.isEmpty());
        boolean silent = text.isEmpty() && other;
        message.put("content", silent ? null : text.toString());
        append(message, "reasoning_content", thoughts);
        append(message, "refusal", refusal);
        if (!calls.isEmpty()) {
            ArrayNode list =
                    message.get("tool_calls") instanceof ArrayNode given ? given : message.putArray("tool_calls");
            list.addAll(calls);
        }
        if (!others.isEmpty()) {
            for (int i = 0; i < others.size(); i++) {
                ((ObjectNode) others.get(i)).put("index", othersBefore + i);
            }
            message.set(OTHERS, others);
        }
    }

    private static void append(ObjectNode message, String field, StringBuilder more) {
        if (!more.isEmpty()) {
            message.put(field, message.path(field).asText("") + more);
        }
    }

    private void read(JsonNode value, boolean thought) {
        if (value.isArray()) {
            value.forEach(part -> read(part, thought));
        } else if (value instanceof ObjectNode part) {
            part(part, thought);
        } else if (value.isTextual() || value.isNumber()) {
            (thought ? thoughts : text).append(value.asText());
        }
    }

    private void part(ObjectNode part, boolean thought) {
        String type = part.path("type").asText("");
        boolean thinks = thought || type.contains("thinking") || type.contains("reasoning") || type.equals("thought");
        JsonNode inner = thinks ? first(part, THOUGHTS) : null;
        JsonNode words = inner != null ? inner : part.get("text");
        JsonNode list = first(part, LISTS);
        JsonNode unnamed = first(part, THOUGHTS);
        if (CALLS.contains(type) && part.path("name").isTextual()) {
            call(part);
        } else if (type.equals("refusal") && part.path("refusal").isTextual()) {
            refusal.append(part.path("refusal").textValue());
        } else if (words != null && (words.isTextual() || words.isContainerNode())) {
            read(words, thinks);
        } else if (list != null) {
            read(list, thinks);
        } else if (unnamed != null) {
            read(unnamed, true);
        } else if (part.path("value").isTextual()) {
            read(part.get("value"), thinks);
        } else if (!part.isEmpty() && !type.endsWith("text")) {
            others.add(part.deepCopy());
        }
    }

    private void call(ObjectNode part) {
        ObjectNode call = calls.addObject();
        call.set("id", part.path("id").isTextual() ? part.get("id") : part.get("call_id"));
        ObjectNode function = call.putObject("function");
        function.set("name", part.get("name"));
        JsonNode input = first(part, INPUTS);
        function.set("arguments", input == null ? Json.MAPPER.nullNode() : input);
    }

    private static @Nullable JsonNode first(ObjectNode part, List<String> fields) {
        for (String field : fields) {
            JsonNode value = part.get(field);
            if (value != null && (value.isTextual() || value.isContainerNode())) {
                return value;
            }
        }
        return null;
    }
}
