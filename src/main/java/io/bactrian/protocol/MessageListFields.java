package io.bactrian.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** The fields of one request in a protocol with a list of {@code messages}, which must not be empty. Not thread-safe. */
public abstract class MessageListFields extends RequestFields {
    private boolean messages;

    /** Reads the message whose first token the parser stands at, to its end. */
    protected abstract void message(JsonParser parser) throws IOException;

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

    @Override
    protected void finish() {
        if (!messages) {
            throw noMessages();
        }
    }

    private static RequestRejected noMessages() {
        return RequestRejected.invalid("messages", "'messages' must be a non-empty array.");
    }
}
