package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * A scan of an answer with embeddings: counts the vectors and reads the rest. A tree of the numbers would take several times the
 * memory of the bytes, which may be many megabytes. Used once. Not thread-safe.
 */
final class EmbeddingsDocument {
    private final ObjectNode rest = Json.MAPPER.createObjectNode();
    private static final int MAX_INDEX = 1 << 20;

    private int vectors;
    private int index;
    private int length;
    private boolean oneLength = true;
    private boolean onePlaceEach = true;
    private @Nullable BitSet places;
    private boolean whole = true;
    private boolean error;

    private EmbeddingsDocument() {}

    /** Scans an answer; null if it is not a JSON object. */
    static @Nullable EmbeddingsDocument read(byte[] json) {
        EmbeddingsDocument document = new EmbeddingsDocument();
        try (JsonParser parser = Json.MAPPER.getFactory().createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            document.top(parser);
            return parser.nextToken() == null ? document : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** The number of vectors. */
    int vectors() {
        return vectors;
    }

    /** Whether it is an answer in which each entry has its vector. */
    boolean isAnswer() {
        return whole && !error && vectors > 0;
    }

    /** The reason why the vectors cannot belong to the inputs; null if they can. */
    @Nullable
    String mixUp() {
        if (!onePlaceEach || (places != null && places.length() > vectors)) {
            return "the vectors have not an index each";
        }
        return oneLength ? null : "the vectors have different lengths";
    }

    /** The answer without its vectors. */
    ObjectNode rest() {
        return rest;
    }

    private void top(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("data") && value == JsonToken.START_ARRAY) {
                JsonToken item;
                while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
                    index = vectors;
                    whole &= item == JsonToken.START_OBJECT && hasVector(parser);
                    place();
                    vectors++;
                    if (item == JsonToken.START_ARRAY) {
                        parser.skipChildren();
                    }
                }
            } else {
                error |= name.equals("error") && value != JsonToken.VALUE_NULL;
                rest.set(name, parser.readValueAsTree());
            }
        }
    }

    /** Notes the place of a vector. As long as each has its own, in order, there is nothing to note. */
    private void place() {
        BitSet known = places;
        if (known == null) {
            if (index == vectors) {
                return;
            }
            known = new BitSet();
            known.set(0, vectors);
            places = known;
        }
        onePlaceEach &= index >= 0 && index < MAX_INDEX && !known.get(index);
        if (onePlaceEach) {
            known.set(index);
        }
    }

    /** Notes the length of a vector; all have the same, because one model makes them. */
    private boolean hasLength(int now) {
        oneLength &= length == 0 || length == now;
        length = now;
        return now > 0;
    }

    private boolean hasVector(JsonParser parser) throws IOException {
        boolean found = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("embedding")) {
                found = isVector(parser, value);
            } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = parser.getIntValue();
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    /** Whether a value is a list of numbers, a list of such lists (one vector for each token), or such a list in base64. */
    private boolean isVector(JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            return isBase64(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        }
        if (value != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return false;
        }
        boolean valid = true;
        boolean lists = false;
        int numbers = 0;
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (item == JsonToken.START_ARRAY) {
                lists = true;
                valid &= isVector(parser, item);
            } else {
                numbers++;
                valid &= item.isNumeric();
                parser.skipChildren();
            }
        }
        return valid && (lists ? numbers == 0 : hasLength(numbers));
    }

    private boolean isBase64(char[] text, int offset, int size) {
        int letters = size;
        while (letters > 0 && text[offset + letters - 1] == '=') {
            letters--;
        }
        for (int i = offset; i < offset + letters; i++) {
            char c = text[i];
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && c != '+' && c != '/' && c != '-' && c != '_') {
                return false;
            }
        }
        return hasLength(letters);
    }
}
