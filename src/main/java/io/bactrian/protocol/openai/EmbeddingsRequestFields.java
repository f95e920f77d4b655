package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.RequestRejected;
import java.io.IOException;

/** The fields of a request for embeddings. Not thread-safe. */
final class EmbeddingsRequestFields extends RequestFields {
    private int inputs;

    /** The number of vectors, one for each input. */
    @Override
    public int choices() {
        return inputs;
    }

    @Override
    public boolean streamable() {
        return false;
    }

    @Override
    protected void own(JsonParser parser, String name, JsonToken token) throws IOException {
        if (name.equals("input")) {
            batch = token == JsonToken.START_ARRAY;
            inputs = Prompts.count(parser, token);
        }
    }

    @Override
    protected void finish() {
        if (inputs == 0) {
            throw RequestRejected.invalid(
                    "input", "'input' must be a text, a list of texts, or a list of tokens, and not empty.");
        }
    }
}
