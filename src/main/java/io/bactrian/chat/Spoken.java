package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/** What a caller has been given of a streamed answer that is not whole yet. Belongs to the request's thread. */
public final class Spoken {
    /** In characters; no model answers at such length, and a caller without end is not to fill the memory. */
    private static final int LONGEST = 1 << 20;

    private final boolean kept;
    private StringBuilder text = new StringBuilder();
    private boolean textOnly = true;
    private @Nullable Chunk first;

    /** @param kept whether anybody may have to go on from it */
    Spoken(boolean kept) {
        this.kept = kept;
        this.textOnly = kept;
    }

    void add(Chunk chunk) {
        boolean tooLong = text.length() + chunk.text().length() > LONGEST;
        textOnly &= !chunk.hasOtherWords() && !chunk.hasTools() && !tooLong;
        if (textOnly) {
            text.append(chunk.text());
        } else {
            text = new StringBuilder(0);
        }
        if (first == null) {
            first = chunk;
        }
    }

    /** Nothing of it has reached the caller after all. */
    void clear() {
        text = new StringBuilder();
        textOnly = kept;
        first = null;
    }

    /** The text of the answer so far, while there was nothing else; thoughts are none of it. */
    public String text() {
        return text.toString();
    }

    /** Whether there was nothing but text that another can go on from: half a tool call or half a sound nobody can. */
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
