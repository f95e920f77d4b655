package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * An answer that comes as the input of the {@link AnswerTool}. What has to be unwrapped is held back until it is whole.
 * Not thread-safe.
 */
final class OpenAnswer implements OpenInput {
    private final JsonNode block;
    private final StringBuilder held = new StringBuilder();
    private boolean spoken;

    OpenAnswer(JsonNode block) {
        this.block = block;
    }

    @Override
    public @Nullable ObjectNode piece(String json) {
        if (AnswerTool.isWrapped(block)) {
            held.append(json);
            return null;
        }
        spoken = true;
        return content(json);
    }

    @Override
    public @Nullable ObjectNode rest() {
        JsonNode input = held.isEmpty() ? block.path("input") : ExactJson.arguments(held.toString());
        return spoken ? null : content(AnswerTool.text(block, input));
    }

    private static ObjectNode content(String text) {
        return ExactJson.object().put("content", text);
    }
}
