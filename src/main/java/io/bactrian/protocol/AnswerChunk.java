package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a streamed answer: its bytes, and what the gateway reads in them. It has the canonical form, or the caller's own
 * form if the provider uses the same protocol. Each protocol scans its own chunks in one pass over the bytes and makes a tree
 * only when asked, because thousands of chunks pass in a second. Not thread-safe.
 */
public abstract class AnswerChunk {
    private final byte[] json;
    private @Nullable JsonNode tree;
    private List<Choice> choices = List.of();

    /** The type of the event, empty if the protocol has no types. */
    protected String type = "";

    /** The part of the answer's text in it, empty if there is none. */
    protected String text = "";

    /** Whether it is a JSON object. */
    protected boolean object;

    /** Whether it has content for the caller: text, reasoning, a refusal or audio. */
    protected boolean words;

    /** Whether it has content that no other target could continue, such as a refusal or audio. */
    protected boolean uncontinuable;

    /** Whether it has reasoning. */
    protected boolean thought;

    /** Whether it has a piece of a tool call. */
    protected boolean tools;

    /** Whether it counts tokens. */
    protected boolean counts;

    /** Whether it may be something other than a plain chunk, such as an error. */
    protected boolean mayBeError;

    /**
     * One choice of a chunk.
     *
     * @param finish the finish reason, empty while the choice goes on, as it seems: content may still follow
     */
    public record Choice(int index, String finish) {}

    protected AnswerChunk(byte[] json) {
        this.json = json;
    }

    /** Whether the bytes span several lines, which the data of an event to a caller must not do. */
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

    /** Sets the tree if it is known already. */
    protected final void tree(JsonNode known) {
        tree = known;
    }

    /**
     * What it has beside its finish reason, as a chunk without one: its content, and the role of the answer. Null if that is
     * nothing, or if the two cannot be told apart.
     */
    public @Nullable AnswerChunk withoutReason() {
        return null;
    }

    /** Its finish reasons, as a chunk for each choice that has one, without content. By default the chunk itself. */
    public List<AnswerChunk> finishes() {
        return List.of(this);
    }

    /** Whether it is the last event of its stream, which has to follow the finish reason. */
    public boolean isLast() {
        return false;
    }

    /** Whether it has the canonical form; otherwise it has the form of its own protocol. */
    public abstract boolean isCanonical();

    /** The token counts in it, null if there are none. */
    public abstract @Nullable Usage usage();

    /** The bytes as they came. */
    public final byte[] json() {
        return json;
    }

    /** The chunk as a tree, made when first asked for; must not be changed. */
    public final JsonNode tree() {
        JsonNode made = tree;
        if (made == null) {
            made = Json.answer(json);
            if (made == null) {
                throw new IllegalStateException("not JSON although it was scanned before");
            }
            tree = made;
        }
        return made;
    }

    /** Drops the tree, which takes about ten times the memory of the bytes; for chunks that are held back. */
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

    /** Whether a choice of it has a finish reason. */
    public final boolean hasReason() {
        for (Choice choice : choices) {
            if (!choice.finish().isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** The choices it has a piece of. */
    public final List<Choice> choices() {
        return choices;
    }

    /** Whether it may count tokens. */
    public final boolean hasCounts() {
        return counts;
    }

    /** Whether it has the usage and nothing else. */
    public boolean isUsageOnly() {
        return isCanonical() && counts && choices.isEmpty();
    }
}
