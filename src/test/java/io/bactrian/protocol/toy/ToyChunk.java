package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import org.jspecify.annotations.Nullable;

/** An event of a toy stream. Not thread-safe. */
final class ToyChunk extends AnswerChunk {
    private ToyChunk(byte[] json, ObjectNode event) {
        super(json);
        tree(event);
        object = true;
        text = event.path("say").asText("");
        words = !text.isEmpty();
        counts = event.has("spent");
        if (event.has("ended")) {
            choice(0, ToyTranslation.finishReason(event.path("ended").asText()));
        } else if (words) {
            choice(0, "");
        }
    }

    /** Reads an event; null if the bytes are not JSON. */
    static @Nullable ToyChunk read(byte[] json) {
        return Json.parse(json) instanceof ObjectNode event ? new ToyChunk(json, event) : null;
    }

    @Override
    public boolean isCanonical() {
        return false;
    }

    @Override
    public @Nullable Usage usage() {
        return ToyTranslation.usage(tree().path("spent"));
    }
}
