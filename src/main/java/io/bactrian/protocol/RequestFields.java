package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Bound;
import io.bactrian.config.Feature;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one request that the gateway reads. {@code model}, {@code stream} and {@code fallbacks} are the same in every
 * protocol; the others have each protocol's own names. Filled by one scan of the request's bytes. Not thread-safe.
 */
public abstract class RequestFields {
    private static final int MAX_NAME = 1_000;

    /** The features that a target must have. */
    public final Set<Feature> needs = EnumSet.noneOf(Feature.class);

    /** The parts of the request that no other protocol can express, as {@code x-bactrian-skipped} names them. */
    public final Set<String> ownOnly = new HashSet<>();

    /** Whether it has several prompts, each of which has a context window to itself. */
    public boolean batch;

    final List<String> fallbacks = new ArrayList<>();

    /** The most entries of {@code fallbacks}. */
    int mostFallbacks = Integer.MAX_VALUE;

    @Nullable
    String model;

    boolean stream;

    /** Whether the request asks for reasoning before the answer. */
    public boolean thinks;

    /** Whether the request asks for JSON of any shape. */
    public boolean jsonAnswer;

    /** Whether a tool call in the history has an id that some vendors refuse. */
    public boolean foreignIds;

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

    /**
     * Checks the whole request when all of it has been read.
     *
     * @throws RequestRejected if a required field is missing
     */
    protected abstract void finish();

    /** The number of answers that the request asks for. */
    public int choices() {
        return 1;
    }

    /** Whether the caller of a stream is told the usage. */
    public boolean includeUsage() {
        return true;
    }

    /** Whether a document assembled from a stream would lose nothing. */
    public boolean streamable() {
        return true;
    }

    private static @Nullable String text(JsonParser parser, String name, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        if (token != JsonToken.VALUE_STRING) {
            throw RequestRejected.invalid(name, "'" + name + "' must be a string.");
        }
        return name(parser, name);
    }

    /** The name of a model. Errors, logs and headers tell it. */
    private static String name(JsonParser parser, String field) throws IOException {
        if (parser.getTextLength() > MAX_NAME) {
            throw RequestRejected.invalid(
                    field, "A name in '" + field + "' has more than " + MAX_NAME + " characters.");
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
            if (fallbacks.size() == mostFallbacks) {
                throw RequestRejected.invalid("fallbacks", "'fallbacks' has more than " + mostFallbacks + " entries.")
                        .at(Bound.FALLBACKS);
            }
            fallbacks.add(name(parser, "fallbacks"));
        }
    }
}
