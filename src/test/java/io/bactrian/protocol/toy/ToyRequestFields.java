package io.bactrian.protocol.toy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.RequestRejected;
import java.io.IOException;

/** The fields of a toy request. Not thread-safe. */
final class ToyRequestFields extends RequestFields {
    private boolean asks;

    @Override
    protected void own(JsonParser parser, String name, JsonToken token) throws IOException {
        if (name.equals("ask")) {
            asks = token == JsonToken.VALUE_STRING && !parser.getText().isBlank();
        }
    }

    @Override
    protected void finish() {
        if (!asks) {
            throw RequestRejected.invalid("ask", "'ask' must be a text.");
        }
    }
}
