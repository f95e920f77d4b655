package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** A count of the texts in a field that takes one text, a list of texts, the tokens of one text, or a list of such. Stateless. */
final class Prompts {
    private Prompts() {}

    /** The number of texts, each of which has an answer of its own; 0 if the value is none. Reads an array to its end. */
    static int count(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case VALUE_STRING -> 1;
            case START_OBJECT -> {
                parser.skipChildren();
                yield 1;
            }
            case START_ARRAY -> items(parser);
            default -> 0;
        };
    }

    private static int items(JsonParser parser) throws IOException {
        int items = 0;
        boolean tokens = false;
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            tokens |= item.isNumeric();
            items++;
            parser.skipChildren();
        }
        return tokens ? 1 : items;
    }
}
