package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Ways through a JSON text that is read token by token. Stateless. */
public final class JsonTokens {
    private JsonTokens() {}

    /** Looks at the value the parser stands at. It may leave the children alone or read them all, nothing in between. */
    public interface Visit {
        void value(String name, JsonToken value) throws IOException;
    }

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

    /** Whether the value is a text of these words. */
    public static boolean says(JsonParser parser, JsonToken token, String words) throws IOException {
        return token == JsonToken.VALUE_STRING && parser.getText().equals(words);
    }
}
