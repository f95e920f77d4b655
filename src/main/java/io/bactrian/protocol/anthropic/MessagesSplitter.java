package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.translation.Blocks;
import io.bactrian.protocol.translation.ExactJson;
import io.bactrian.protocol.translation.MessagesEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * A splitter of a whole message into the events of a stream, for providers that send a document when asked for a stream. It
 * reverses {@link MessagesAssembler}. Stateless.
 */
final class MessagesSplitter {
    /** The fields of {@code message_delta}, which are known only at the end. */
    private static final List<String> LAST = List.of("stop_reason", "stop_sequence", "stop_details", "container");

    private MessagesSplitter() {}

    /** The events from {@code message_start} to {@code message_stop}; does not change the message. */
    public static List<MessagesEvent> events(ObjectNode message) {
        List<MessagesEvent> events = new ArrayList<>();
        events.add(start(message));
        int index = 0;
        for (JsonNode block : message.path("content")) {
            if (block instanceof ObjectNode whole) {
                block(index++, whole, events);
            }
        }
        events.add(end(message));
        events.add(MessagesEvent.stop());
        return List.copyOf(events);
    }

    private static MessagesEvent start(ObjectNode message) {
        ObjectNode begun = ExactJson.copy(message);
        begun.putArray("content");
        for (String name : LAST) {
            if (begun.has(name)) {
                begun.putNull(name);
            }
        }
        return MessagesEvent.start(begun);
    }

    private static MessagesEvent end(ObjectNode message) {
        ObjectNode delta = ExactJson.object();
        for (String name : LAST) {
            JsonNode value = message.get(name);
            if (value != null) {
                delta.set(name, value.deepCopy());
            }
        }
        return MessagesEvent.delta(delta, message.path("usage").deepCopy());
    }

    private static void block(int index, ObjectNode block, List<MessagesEvent> events) {
        ObjectNode opening = ExactJson.copy(block);
        List<ObjectNode> deltas = new ArrayList<>();
        if (Blocks.isToolUse(block)) {
            input(opening, deltas);
        }
        switch (ExactJson.text(block, "type", "")) {
            case "text" -> {
                text(opening, "text_delta", "text", deltas);
                citations(opening, deltas);
            }
            case "thinking" -> {
                text(opening, "thinking_delta", "thinking", deltas);
                text(opening, "signature_delta", "signature", deltas);
            }
            default -> {}
        }
        events.add(MessagesEvent.blockStart(index, opening));
        deltas.forEach(delta -> events.add(MessagesEvent.blockDelta(index, delta)));
        events.add(MessagesEvent.blockStop(index));
    }

    private static void text(ObjectNode opening, String type, String field, List<ObjectNode> deltas) {
        String text = ExactJson.text(opening, field, "");
        if (!text.isEmpty()) {
            opening.put(field, "");
            deltas.add(ExactJson.typed(type).put(field, text));
        }
    }

    private static void citations(ObjectNode opening, List<ObjectNode> deltas) {
        JsonNode citations = opening.path("citations");
        if (!citations.isArray()) {
            return;
        }
        opening.putArray("citations");
        for (JsonNode citation : citations) {
            ObjectNode delta = ExactJson.typed("citations_delta");
            delta.set("citation", citation);
            deltas.add(delta);
        }
    }

    private static void input(ObjectNode opening, List<ObjectNode> deltas) {
        if (opening.get("input") instanceof ObjectNode input && !input.isEmpty()) {
            opening.putObject("input");
            deltas.add(ExactJson.typed("input_json_delta").put("partial_json", input.toString()));
        }
    }
}
