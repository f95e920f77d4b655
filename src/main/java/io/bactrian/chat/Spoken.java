package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** What a caller has been given of a streamed answer that is not whole yet. Belongs to the request's thread. */
public final class Spoken {
    private final StringBuilder text = new StringBuilder();
    private boolean textOnly = true;
    private @Nullable Chunk first;

    void add(Chunk chunk) {
        text.append(chunk.text());
        textOnly &= !chunk.hasOtherWords() && !chunk.hasTools();
        if (first == null) {
            first = chunk;
        }
    }

    /** Nothing of it has reached the caller after all. */
    void clear() {
        text.setLength(0);
        textOnly = true;
        first = null;
    }

    /** The text of the answer so far; thoughts are none of it. */
    public String text() {
        return text.toString();
    }

    /** Whether there was nothing but text, which another can go on from: half a tool call or half a sound nobody can. */
    public boolean isTextOnly() {
        return textOnly;
    }

    /** A field of the first chunk, such as the answer's id; null if there is none. */
    @Nullable
    JsonNode head(String field) {
        Chunk begun = first;
        return begun == null ? null : begun.tree().get(field);
    }
}
