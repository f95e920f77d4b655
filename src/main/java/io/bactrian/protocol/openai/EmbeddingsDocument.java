package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A scan of an answer with embeddings: counts the vectors and reads the rest. A tree of the numbers would take several times the
 * memory of the bytes, which may be many megabytes. Used once. Not thread-safe.
 */
final class EmbeddingsDocument {
    private final ObjectNode rest = Json.MAPPER.createObjectNode();
    private int vectors;
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
                    vectors++;
                    whole &= item == JsonToken.START_OBJECT && hasVector(parser);
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

    private static boolean hasVector(JsonParser parser) throws IOException {
        boolean found = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("embedding")) {
                found = isVector(parser, value);
            } else {
                parser.skipChildren();
            }
        }
        return found;
    }

    /** Whether a value is a list of numbers, a list of such lists (one vector for each token), or such a list in base64. */
    private static boolean isVector(JsonParser parser, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_STRING) {
            return isBase64(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        }
        if (value != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return false;
        }
        boolean numbers = true;
        boolean empty = true;
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            empty = false;
            numbers &= item == JsonToken.START_ARRAY ? isVector(parser, item) : item.isNumeric();
            if (item == JsonToken.START_OBJECT) {
                parser.skipChildren();
            }
        }
        return numbers && !empty;
    }

    private static boolean isBase64(char[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            char c = text[i];
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && c != '+' && c != '/' && c != '=' && c != '-' && c != '_') {
                return false;
            }
        }
        return length > 0;
    }
}
