package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.JsonTokens;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.RequestRejected;
import java.io.IOException;

/** The fields of a request for legacy completions. Not thread-safe. */
final class CompletionsRequestFields extends RequestFields {
    private static final int MAX_CHOICES = 1 << 20;

    private boolean prompted;
    private int prompts = 1;
    private int each = 1;
    private boolean includeUsage;

    /** Each prompt has as many answers as {@code n} says. */
    @Override
    public int choices() {
        return (int) Math.min((long) prompts * each, MAX_CHOICES);
    }

    @Override
    public boolean includeUsage() {
        return includeUsage;
    }

    /** Another target cannot finish what one began, because nothing says where the text has to lead. */
    @Override
    public boolean streamable() {
        return false;
    }

    @Override
    protected void own(JsonParser parser, String name, JsonToken token) throws IOException {
        switch (name) {
            case "prompt" -> {
                prompted = true;
                batch = token == JsonToken.START_ARRAY;
                prompts = Math.max(1, Prompts.count(parser, token));
            }
            case "n" -> {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getDoubleValue() > 1) {
                    each = (int) Math.min(parser.getDoubleValue(), MAX_CHOICES);
                    ownOnly.add("n");
                }
            }
            case "logprobs" -> {
                if (token != JsonToken.VALUE_NULL) {
                    ownOnly.add(name);
                }
            }
            case "stream_options" ->
                JsonTokens.fields(parser, token, (field, value) -> {
                    if (field.equals("include_usage") && value == JsonToken.VALUE_TRUE) {
                        includeUsage = true;
                    }
                });
            default -> {}
        }
    }

    @Override
    protected void finish() {
        if (!prompted) {
            throw RequestRejected.invalid("prompt", "'prompt' is missing. For messages, use /v1/chat/completions.");
        }
    }
}
