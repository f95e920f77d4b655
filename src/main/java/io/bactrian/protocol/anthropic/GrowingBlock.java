package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.translation.Blocks;
import io.bactrian.protocol.translation.ExactJson;
import java.util.LinkedHashMap;
import java.util.Map;

/** A content block of a Messages stream that grows with its deltas. Not thread-safe. */
final class GrowingBlock {
    private final ObjectNode block;
    private final Map<String, StringBuilder> texts = new LinkedHashMap<>();
    private final StringBuilder input = new StringBuilder();

    /** @param opening the block at its start, of which fields that are null say nothing */
    GrowingBlock(ObjectNode opening) {
        block = ExactJson.copy(opening);
        block.properties().removeIf(field -> field.getValue().isNull());
    }

    void add(JsonNode delta) {
        switch (ExactJson.text(delta, "type", "")) {
            case "input_json_delta" -> input.append(ExactJson.text(delta, "partial_json", ""));
            case "citations_delta" -> cite(delta.path("citation"));
            default -> {
                for (Map.Entry<String, JsonNode> field : delta.properties()) {
                    if (!field.getKey().equals("type")) {
                        add(field.getKey(), field.getValue());
                    }
                }
            }
        }
    }

    ObjectNode whole() {
        ObjectNode whole = ExactJson.copy(block);
        texts.forEach((name, text) -> whole.put(name, text.toString()));
        if (!input.isEmpty()) {
            whole.set("input", ExactJson.arguments(input.toString()));
        } else if (Blocks.isToolUse(whole) && !ExactJson.has(whole, "input")) {
            whole.putObject("input");
        }
        return whole;
    }

    private void add(String name, JsonNode value) {
        if (value.isTextual()) {
            texts.computeIfAbsent(name, first -> new StringBuilder(ExactJson.text(block, first, "")))
                    .append(value.textValue());
        } else if (!value.isNull()) {
            texts.remove(name);
            block.set(name, value.deepCopy());
        } else if (!block.has(name) && !texts.containsKey(name)) {
            block.putNull(name);
        }
    }

    private void cite(JsonNode citation) {
        if (citation.isMissingNode()) {
            return;
        }
        ArrayNode citations = block.get("citations") instanceof ArrayNode given ? given : block.putArray("citations");
        citations.add(citation.deepCopy());
    }
}
