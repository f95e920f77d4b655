package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * An answer that arrives as the input of the {@link AnswerTool}. An answer that has to be unwrapped is held back until
 * it is complete. Not thread-safe.
 */
final class OpenAnswer implements OpenInput {
    private final JsonNode block;
    private final StringBuilder held = new StringBuilder();
    private boolean started;

    OpenAnswer(JsonNode block) {
        this.block = block;
    }

    @Override
    public @Nullable ObjectNode piece(String json) {
        if (AnswerTool.isWrapped(block)) {
            held.append(json);
            return null;
        }
        started = true;
        return content(json);
    }

    @Override
    public @Nullable ObjectNode rest() {
        JsonNode input = held.isEmpty() ? block.path("input") : ExactJson.arguments(held.toString());
        return started ? null : content(AnswerTool.text(block, input));
    }

    private static ObjectNode content(String text) {
        return ExactJson.object().put("content", text);
    }
}
