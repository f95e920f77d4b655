package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a streamed answer: its bytes, and what the gateway reads in it. It has the canonical form, or the caller's own where
 * the provider uses the same protocol. Each protocol scans its own chunks, in one pass over the bytes; no tree is made unless it
 * is asked for, as thousands of chunks pass in a second. Not thread-safe.
 */
public abstract class AnswerChunk {
    private final byte[] json;
    private @Nullable JsonNode tree;
    private List<Choice> choices = List.of();

    /** The type of an event, empty where the protocol has no types. */
    protected String type = "";

    /** The text of the answer in it, empty if none. */
    protected String text = "";

    /** Whether it is a JSON object at all. */
    protected boolean object;

    /** Whether it has content for the caller: text, reasoning, a refusal, sound. */
    protected boolean words;

    /** Whether it has content that no other target could continue, such as a refusal or sound. */
    protected boolean uncontinuable;

    /** Whether it has reasoning. */
    protected boolean thought;

    /** Whether it has a piece of a tool call. */
    protected boolean tools;

    /** Whether it counts tokens. */
    protected boolean counts;

    /** Whether it may be something else than a plain chunk, such as an error. */
    protected boolean mayBeError;

    /**
     * One choice of a chunk.
     *
     * @param finish why it ended, empty if it has not
     */
    public record Choice(int index, String finish) {}

    protected AnswerChunk(byte[] json) {
        this.json = json;
    }

    /** Whether the bytes span several lines, which an event to a caller must not. */
    protected static boolean hasSeveralLines(byte[] json) {
        for (byte b : json) {
            if (b == '\n') {
                return true;
            }
        }
        return false;
    }

    /** Adds a choice that the chunk has a piece of. */
    protected final void choice(int index, String finish) {
        if (choices.isEmpty()) {
            choices = new ArrayList<>(1);
        }
        choices.add(new Choice(index, finish));
    }

    /** Sets the tree where it is known already. */
    protected final void tree(JsonNode known) {
        tree = known;
    }

    /** Whether it has the canonical form; else it has the caller's own. */
    public abstract boolean isCanonical();

    /** The tokens it counts, null if it counts none. */
    public abstract @Nullable Usage usage();

    /** The bytes as they came. */
    public final byte[] json() {
        return json;
    }

    /** The chunk as a tree; made when first asked for, not to be changed. */
    public final JsonNode tree() {
        JsonNode made = tree;
        if (made == null) {
            made = Json.parse(json);
            if (made == null) {
                throw new IllegalStateException("scanned before");
            }
            tree = made;
        }
        return made;
    }

    /** Gives up the tree, which takes ten times the memory of the bytes: for chunks that are kept. */
    public final void forgetTree() {
        tree = null;
    }

    public final String type() {
        return type;
    }

    public final boolean isObject() {
        return object;
    }

    public final boolean mayBeError() {
        return mayBeError;
    }

    public final boolean hasWords() {
        return words;
    }

    public final boolean hasUncontinuableContent() {
        return uncontinuable;
    }

    public final boolean hasThoughts() {
        return thought;
    }

    public final String text() {
        return text;
    }

    public final boolean hasTools() {
        return tools;
    }

    /** The choices it has a piece of. */
    public final List<Choice> choices() {
        return choices;
    }

    /** Whether it has nothing but the usage. */
    public final boolean isUsageOnly() {
        return isCanonical() && counts && choices.isEmpty();
    }
}
