package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** An event of a provider's stream before its translation, of which only the tree is read. Not thread-safe. */
public final class ProviderEvent extends AnswerChunk {
    private ProviderEvent(byte[] json, JsonNode tree) {
        super(json);
        tree(tree);
        mayBeError = true;
    }

    /** Reads an event; null if the bytes are not JSON. */
    public static @Nullable ProviderEvent read(byte[] json) {
        JsonNode tree = Json.answer(json);
        return tree == null ? null : new ProviderEvent(json, tree);
    }

    @Override
    public boolean isCanonical() {
        return false;
    }

    @Override
    public @Nullable Usage usage() {
        return null;
    }
}
