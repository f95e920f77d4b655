package io.bactrian.chat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One part of a streamed answer, in the form of an OpenAI chunk: its bytes, and what the gateway reads in it. The bytes are
 * read once and no tree is made unless somebody asks for it: thousands of these pass through in a second. Not thread-safe.
 */
public final class Chunk {
    /** Fields of a delta whose text is the answer. */
    private static final Set<String> WORDS =
            Set.of("content", "refusal", "reasoning_content", "reasoning", "audio", "function_call");

    private final byte[] json;
    private @Nullable JsonNode tree;
    private List<Choice> choices = List.of();
    private boolean object;
    private boolean words;
    private boolean tools;
    private boolean usage;
    private boolean strange;

    /**
     * One choice of a chunk.
     *
     * @param finish why it ended, empty if it has not
     */
    public record Choice(int index, String finish) {}

    private Chunk(byte[] json) {
        this.json = json;
    }

    /** An event of another protocol, of which nothing but the tree is read; null if the bytes are not JSON. */
    public static @Nullable Chunk foreign(byte[] json) {
        Chunk chunk = new Chunk(json);
        chunk.strange = true;
        chunk.tree = Json.parse(json);
        return chunk.tree == null ? null : chunk;
    }

    /** Reads a chunk; null if the bytes are not JSON. */
    public static @Nullable Chunk read(byte[] json) {
        Chunk chunk = scan(json);
        // An event may have come in several lines, and the caller's may not be torn.
        return chunk == null || !severalLines(json) ? chunk : scan(Json.bytes(chunk.tree()));
    }

    private static boolean severalLines(byte[] json) {
        for (byte b : json) {
            if (b == '\n') {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Chunk scan(byte[] json) {
        Chunk chunk = new Chunk(json);
        try (JsonParser parser = Json.MAPPER.getFactory().createParser(json)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                chunk.object = true;
                chunk.top(parser);
            } else {
                chunk.strange = true;
                parser.skipChildren();
            }
            return first == null || parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            return null;
        }
    }

    /** A chunk that was made here. */
    public static Chunk of(ObjectNode tree) {
        Chunk chunk = read(Json.bytes(tree));
        if (chunk == null) {
            throw new IllegalStateException("a tree that is no JSON");
        }
        chunk.tree = tree;
        return chunk;
    }

    private void top(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "choices" -> {
                    if (value == JsonToken.START_ARRAY) {
                        choices(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                case "usage", "x_groq" -> {
                    usage |= value == JsonToken.START_OBJECT;
                    strange |= name.equals("x_groq");
                    parser.skipChildren();
                }
                // What could be an error is looked at closely.
                case "object" -> strange |= !"chat.completion.chunk".equals(parser.getText());
                case "error", "type", "detail", "statusCode" -> {
                    strange |= value != JsonToken.VALUE_NULL;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void choices(JsonParser parser) throws IOException {
        choices = new ArrayList<>(1);
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (token == JsonToken.START_OBJECT) {
                choice(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void choice(JsonParser parser) throws IOException {
        int index = 0;
        String finish = "";
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("delta") && value == JsonToken.START_OBJECT) {
                delta(parser);
            } else if (name.equals("finish_reason") && value == JsonToken.VALUE_STRING) {
                finish = parser.getText();
            } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = parser.getIntValue();
            } else {
                strange |= name.equals("error") && value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
        }
        choices.add(new Choice(index, finish));
    }

    private void delta(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("tool_calls") && value == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    tools = true;
                    parser.skipChildren();
                }
            } else if (WORDS.contains(name)) {
                words |= value == JsonToken.VALUE_STRING ? parser.getTextLength() > 0 : value.isStructStart();
                parser.skipChildren();
            } else {
                parser.skipChildren();
            }
        }
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

    /** Whether it is a JSON object at all. */
    public boolean isObject() {
        return object;
    }

    /** Whether it may be something else than a plain chunk, such as an error: worth a look at the tree. */
    public boolean isStrange() {
        return strange;
    }

    /** Whether it has text for the caller. */
    public boolean hasWords() {
        return words;
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
        return usage && choices.isEmpty();
    }

    /** The tokens counted, null if it does not say. */
    public @Nullable Usage usage() {
        if (!usage) {
            return null;
        }
        Usage own = Usage.of(tree().get("usage"));
        return own != null ? own : Usage.of(tree().path("x_groq").get("usage"));
    }
}
