package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Feature;
import io.bactrian.protocol.translation.ToolIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one request that the gateway reads; each protocol has its own words for most of them. Filled by one scan of the
 * request's bytes. Not thread-safe.
 */
public abstract class RequestFields {
    /** What a target must be able to do. */
    public final Set<Feature> needs = EnumSet.noneOf(Feature.class);

    /** Parts of the request that no other protocol has words for, as {@code x-bactrian-skipped} names them. */
    public final Set<String> ownOnly = new HashSet<>();

    final List<String> fallbacks = new ArrayList<>();

    @Nullable
    String model;

    boolean stream;

    /** Whether reasoning before the answer is asked for. */
    public boolean thinks;

    /** Whether a tool call in the history has an id that some vendors refuse. */
    public boolean foreignIds;

    private boolean messages;

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
            default -> own(parser, name, token);
        }
    }

    /** Reads any other field; it may leave the value's children alone. */
    protected abstract void own(JsonParser parser, String name, JsonToken token) throws IOException;

    /** Reads the message whose first token the parser stands at, to its end. */
    protected abstract void message(JsonParser parser) throws IOException;

    /**
     * Checks the whole request when all of it has been read.
     *
     * @throws RequestRejected if a required field is missing
     */
    protected void finish() {
        if (!messages) {
            throw noMessages();
        }
    }

    /** How many answers are asked for. */
    public int choices() {
        return 1;
    }

    /** Whether the caller of a stream is told the usage. */
    public boolean includeUsage() {
        return true;
    }

    /** Whether a document put together from a stream would lose nothing. */
    public boolean streamable() {
        return true;
    }

    /** Whether the text that the parser is at is an id of a tool call that some vendors refuse. */
    protected static boolean isForeignId(JsonParser parser) throws IOException {
        return !ToolIds.isPortable(parser.getText());
    }

    /** Reads the list of messages, each by {@link #message}. */
    protected final void messages(JsonParser parser, JsonToken token) throws IOException {
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
