package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.anthropic.MessagesEventScan;
import io.bactrian.protocol.openai.ChatChunkScan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One part of a streamed answer: its bytes, and what the gateway reads in it. It has the form of an OpenAI chunk, or that of an
 * Anthropic event where provider and caller both speak Messages. The bytes are read once and no tree is made unless somebody
 * asks for it: thousands of these pass through in a second. Not thread-safe.
 */
public final class AnswerChunk {
    private final CallerProtocol dialect;
    private final byte[] json;
    private @Nullable JsonNode tree;
    List<Choice> choices = List.of();
    public String type = "";
    public String text = "";
    public boolean object;
    public boolean words;
    public boolean otherWords;
    public boolean thought;
    public boolean tools;
    public boolean usage;
    public boolean strange;

    /**
     * One choice of a chunk.
     *
     * @param finish why it ended, empty if it has not
     */
    public record Choice(int index, String finish) {}

    AnswerChunk(CallerProtocol dialect, byte[] json) {
        this.dialect = dialect;
        this.json = json;
    }

    /** An event of another protocol, of which nothing but the tree is read; null if the bytes are not JSON. */
    public static @Nullable AnswerChunk foreign(byte[] json) {
        AnswerChunk chunk = new AnswerChunk(CallerProtocol.CHAT, json);
        chunk.strange = true;
        chunk.tree = Json.parse(json);
        return chunk.tree == null ? null : chunk;
    }

    /** Reads a chunk; null if the bytes are not JSON. */
    public static @Nullable AnswerChunk read(byte[] json) {
        return read(CallerProtocol.CHAT, json);
    }

    /** Reads a part of an answer in the caller's own protocol; null if the bytes are not JSON. */
    public static @Nullable AnswerChunk read(CallerProtocol dialect, byte[] json) {
        AnswerChunk chunk = scan(dialect, json);
        // An event may have come in several lines, and the caller's may not be torn.
        return chunk == null || !severalLines(json) ? chunk : scan(dialect, Json.bytes(chunk.tree()));
    }

    private static boolean severalLines(byte[] json) {
        for (byte b : json) {
            if (b == '\n') {
                return true;
            }
        }
        return false;
    }

    private static @Nullable AnswerChunk scan(CallerProtocol dialect, byte[] json) {
        AnswerChunk chunk = new AnswerChunk(dialect, json);
        return dialect == CallerProtocol.CHAT ? ChatChunkScan.scan(chunk) : MessagesEventScan.scan(chunk);
    }

    /** A chunk that was made here. */
    public static AnswerChunk of(ObjectNode tree) {
        AnswerChunk chunk = read(Json.bytes(tree));
        if (chunk == null) {
            throw new IllegalStateException("a tree that is no JSON");
        }
        chunk.tree = tree;
        return chunk;
    }

    public void choice(int index, String finish) {
        if (choices.isEmpty()) {
            choices = new ArrayList<>(1);
        }
        choices.add(new Choice(index, finish));
    }

    public CallerProtocol dialect() {
        return dialect;
    }

    /** The bytes as they came. */
    public byte[] json() {
        return json;
    }

    /** The chunk as a tree; made when first asked for, not to be changed. */
    public JsonNode tree() {
        JsonNode made = tree;
        if (made == null) {
            made = Json.parse(json);
            if (made == null) {
                throw new IllegalStateException("read before");
            }
            tree = made;
        }
        return made;
    }

    /** Gives up the tree, which takes ten times the room of the bytes: for chunks that are kept. */
    public void forgetTree() {
        tree = null;
    }

    /** The {@code type} of an Anthropic event, empty if it has none. */
    public String type() {
        return type;
    }

    /** Whether it is a JSON object at all. */
    public boolean isObject() {
        return object;
    }

    /** Whether it may be something else than a plain chunk, such as an error: worth a look at the tree. */
    public boolean mayBeError() {
        return strange;
    }

    /** Whether it has words for the caller: text, thoughts, a refusal, sound. */
    public boolean hasWords() {
        return words;
    }

    /** Whether it has words that nobody else can go on from, such as a refusal or sound. */
    public boolean hasUncontinuableContent() {
        return otherWords;
    }

    /** Whether it has thoughts of the model. */
    public boolean hasThoughts() {
        return thought;
    }

    /** The text of the answer in it, empty if none. */
    public String text() {
        return text;
    }

    /** Whether it has a piece of a tool call. */
    public boolean hasTools() {
        return tools;
    }

    /** The choices it has a piece of. */
    public List<Choice> choices() {
        return choices;
    }

    /** Whether it has nothing but the usage. */
    public boolean isUsageOnly() {
        return dialect == CallerProtocol.CHAT && usage && choices.isEmpty();
    }

    /** The tokens counted, null if it does not say. */
    public @Nullable Usage usage() {
        if (!usage) {
            return null;
        }
        for (JsonNode place : List.of(
                tree().path("usage"),
                tree().path("x_groq").path("usage"),
                tree().path("message").path("usage"))) {
            Usage counted = Usage.of(place);
            if (counted != null) {
                return counted;
            }
        }
        return null;
    }
}
