package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Feature;
import io.bactrian.protocol.anthropic.MessagesRequestFields;
import io.bactrian.protocol.openai.ChatRequestFields;
import io.bactrian.protocol.translation.ToolIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the gateway reads of a request's fields; each dialect has its own words for most of it. Written by one scan. */
public abstract class RequestFields {
    public final Set<Feature> needs = EnumSet.noneOf(Feature.class);
    public final Set<String> ownOnly = new HashSet<>();
    final List<String> fallbacks = new ArrayList<>();

    @Nullable
    String model;

    boolean stream;
    public boolean thinks;
    public boolean foreignIds;
    private boolean messages;

    /** The reader of one request in this dialect. */
    static RequestFields of(CallerProtocol dialect) {
        return dialect == CallerProtocol.CHAT ? new ChatRequestFields() : new MessagesRequestFields(true);
    }

    /** Reads the top-level field whose value the parser stands at; it may leave the value's children alone. */
    final void read(JsonParser parser, String name, JsonToken token) throws IOException {
        switch (name) {
            case "model" -> model = text(parser, name, token);
            case "stream" -> {
                if (!token.isBoolean() && token != JsonToken.VALUE_NULL) {
                    throw RequestRejected.invalid(name, "'stream' must be true or false.");
                }
                stream = token == JsonToken.VALUE_TRUE;
            }
            case "fallbacks" -> names(parser, token);
            case "messages" -> messages(parser, token);
            default -> own(parser, name, token);
        }
    }

    /** Reads a field that not every dialect has. */
    public abstract void own(JsonParser parser, String name, JsonToken token) throws IOException;

    /** Reads the message whose first token the parser stands at, to its end. */
    public abstract void message(JsonParser parser) throws IOException;

    /**
     * Looks at the whole when all of it has been read.
     *
     * @throws RequestRejected if a field is missing that no request can do without
     */
    public void finish() {
        if (!messages) {
            throw noMessages();
        }
    }

    public int choices() {
        return 1;
    }

    public boolean includeUsage() {
        return true;
    }

    public boolean streamable() {
        return true;
    }

    /** Whether the text the parser stands at is an id of a tool call that some vendor refuses. */
    public static boolean isForeignId(JsonParser parser) throws IOException {
        return !ToolIds.isPortable(parser.getText());
    }

    private void messages(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.START_ARRAY) {
            throw noMessages();
        }
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (item.isStructStart()) {
                messages = true;
                message(parser);
            }
        }
    }

    private static RequestRejected noMessages() {
        return RequestRejected.invalid("messages", "'messages' must be a non-empty array.");
    }

    private static @Nullable String text(JsonParser parser, String name, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw RequestRejected.invalid(name, "'" + name + "' must be a string.");
        }
        return parser.getText();
    }

    private void names(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return;
        }
        if (token != JsonToken.START_ARRAY) {
            throw RequestRejected.invalid(
                    "fallbacks", "'fallbacks' must be an array of target names or provider/model.");
        }
        JsonToken item;
        while ((item = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (item != JsonToken.VALUE_STRING) {
                throw RequestRejected.invalid(
                        "fallbacks", "'fallbacks' must be an array of target names or provider/model.");
            }
            fallbacks.add(parser.getText());
        }
    }
}
