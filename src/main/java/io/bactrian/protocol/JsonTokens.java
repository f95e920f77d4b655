package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** A walk through a JSON text that is parsed token by token. Stateless. */
public final class JsonTokens {
    private JsonTokens() {}

    /**
     * A visitor of fields. It may skip the children of the value the parser stands at, or read all of them, but not stop in
     * between.
     */
    public interface Visit {
        void value(String name, JsonToken value) throws IOException;
    }

    /** A visitor of items, under the same condition. */
    public interface Item {
        void value(JsonToken value) throws IOException;
    }

    /** Visits the fields of the value the parser stands at, if it is an object. */
    public static void fields(JsonParser parser, JsonToken token, Visit visit) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            visit.value(name, parser.nextToken());
            parser.skipChildren();
        }
    }

    /** Visits the items of the value the parser stands at, if it is an array. */
    public static void items(JsonParser parser, JsonToken token, Item visit) throws IOException {
        if (token != JsonToken.START_ARRAY) {
            parser.skipChildren();
            return;
        }
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            visit.value(item);
            parser.skipChildren();
        }
    }

    /** Whether the value is this text. */
    public static boolean says(JsonParser parser, JsonToken token, String words) throws IOException {
        return token == JsonToken.VALUE_STRING && parser.getText().equals(words);
    }
}
