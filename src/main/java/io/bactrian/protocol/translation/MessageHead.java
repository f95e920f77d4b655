package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The fields of an Anthropic message beside its content which official libraries need. Stateless. */
public final class MessageHead {
    private static final List<String> FIGURES = List.of("input_tokens", "output_tokens");

    private MessageHead() {}

    /** Whether a message has them all. */
    public static boolean isComplete(JsonNode message) {
        return message.path("id").isTextual()
                && message.path("type").isTextual()
                && message.path("role").isTextual()
                && message.path("model").isTextual()
                && FIGURES.stream()
                        .allMatch(figure -> message.path("usage").path(figure).isNumber());
    }

    /** Puts those into a message that it lacks. */
    public static void complete(ObjectNode message) {
        if (!message.path("id").isTextual()) {
            message.put("id", AnswerIds.messages(null));
        }
        put(message, "type", "message");
        put(message, "role", "assistant");
        put(message, "model", "");
        ObjectNode usage = message.get("usage") instanceof ObjectNode given ? given : message.putObject("usage");
        for (String figure : FIGURES) {
            if (!usage.path(figure).isNumber()) {
                usage.put(figure, 0);
            }
        }
    }

    private static void put(ObjectNode message, String field, String text) {
        if (!message.path(field).isTextual()) {
            message.put(field, text);
        }
    }
}
