package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.translation.BlockFrame;
import io.bactrian.protocol.translation.ExactJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An assembler of the message that the same request would have got without a stream. Its blocks stand in the order of
 * their starts. Unknown events are ignored and unknown blocks and deltas kept, as the protocol requires. Not thread-safe.
 */
final class MessagesAssembler implements AnswerAssembler {
    private static final Set<String> ENVELOPE = Set.of("type", "delta", "usage");

    private final ObjectNode message = ExactJson.object();
    private final BlockFrame frame = new BlockFrame();
    private final List<GrowingBlock> blocks = new ArrayList<>();

    @Override
    public void add(ObjectNode event) {
        frame.mend(event).forEach(this::take);
    }

    private void take(JsonNode event) {
        int index = event.path("index").asInt();
        switch (ExactJson.text(event, "type", "")) {
            case "message_start" -> merge(event.path("message"), message);
            case "content_block_start" -> blocks.add(new GrowingBlock((ObjectNode) event.path("content_block")));
            case "content_block_delta" -> blocks.get(index).add(event.path("delta"));
            case "message_delta" -> end(event);
            default -> {}
        }
    }

    /** A new tree each time. */
    @Override
    public ObjectNode document() {
        frame.end().forEach(this::take);
        ObjectNode whole = ExactJson.copy(message);
        ArrayNode content = whole.putArray("content");
        blocks.forEach(block -> content.add(block.whole()));
        return whole;
    }

    /** Merges the final fields: counts in them are totals, and a null does not replace an earlier value. */
    private void end(JsonNode event) {
        merge(event.path("delta"), message);
        if (event.path("usage").isObject()) {
            ObjectNode usage = message.get("usage") instanceof ObjectNode known ? known : message.putObject("usage");
            merge(event.path("usage"), usage);
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
