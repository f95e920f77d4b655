package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.translation.ExactJson;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An assembler of the message that the same request would have got without a stream. Unknown events are ignored and unknown
 * blocks and deltas kept, as the protocol requires. Not thread-safe.
 */
final class MessagesAssembler implements AnswerAssembler {
    private static final Set<String> ENVELOPE = Set.of("type", "delta", "usage");

    private final ObjectNode message = ExactJson.object();
    private final SortedMap<Integer, GrowingBlock> blocks = new TreeMap<>();

    @Override
    public void add(ObjectNode event) {
        int index = event.path("index").asInt();
        switch (ExactJson.text(event, "type", "")) {
            case "message_start" -> start(event.path("message"));
            case "content_block_start" -> open(index, event.path("content_block"));
            case "content_block_delta" -> {
                GrowingBlock block = blocks.get(index);
                if (block != null) {
                    block.add(event.path("delta"));
                }
            }
            case "message_delta" -> end(event);
            default -> {}
        }
    }

    /** A new tree each time. */
    @Override
    public ObjectNode document() {
        ObjectNode whole = ExactJson.copy(message);
        ArrayNode content = whole.putArray("content");
        blocks.values().forEach(block -> content.add(block.whole()));
        return whole;
    }

    private void start(JsonNode begun) {
        merge(begun, message);
        JsonNode content = begun.path("content");
        for (int i = 0; i < content.size(); i++) {
            open(i, content.get(i));
        }
    }

    private void open(int index, JsonNode block) {
        if (block instanceof ObjectNode opening) {
            blocks.put(index, new GrowingBlock(opening));
        }
    }

    /** Merges the final fields: counts in them are totals, and a null does not replace an earlier value. */
    private void end(JsonNode event) {
        merge(event.path("delta"), message);
        if (event.path("usage").isObject()) {
            merge(event.path("usage"), message.withObjectProperty("usage"));
        }
        for (Map.Entry<String, JsonNode> field : event.properties()) {
            if (!ENVELOPE.contains(field.getKey())) {
                merge(field.getKey(), field.getValue(), message);
            }
        }
    }

    private static void merge(JsonNode from, ObjectNode into) {
        for (Map.Entry<String, JsonNode> field : from.properties()) {
            merge(field.getKey(), field.getValue(), into);
        }
    }

    private static void merge(String name, JsonNode value, ObjectNode into) {
        if (!value.isNull() || !into.has(name)) {
            into.set(name, value.deepCopy());
        }
    }
}
