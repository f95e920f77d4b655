package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Feature;
import io.bactrian.protocol.JsonTokens;
import io.bactrian.protocol.MessageListFields;
import io.bactrian.protocol.translation.ToolIds;
import java.io.IOException;
import java.util.Set;

/** The fields of a Chat Completions request. Not thread-safe. */
final class ChatRequestFields extends MessageListFields {
    private static final Set<String> SILENT_EFFORTS = Set.of("none", "minimal");

    private boolean includeUsage;
    private int choices = 1;

    @Override
    public int choices() {
        return choices;
    }

    @Override
    public boolean includeUsage() {
        return includeUsage;
    }

    @Override
    public boolean streamable() {
        return !ownOnly.contains("n") && !ownOnly.contains("audio") && !ownOnly.contains("logprobs");
    }

    @Override
    protected void own(JsonParser parser, String name, JsonToken token) throws IOException {
        switch (name) {
            case "messages" -> messages(parser, token);
            case "stream_options" ->
                JsonTokens.fields(parser, token, (field, value) -> {
                    if (field.equals("include_usage") && value == JsonToken.VALUE_TRUE) {
                        includeUsage = true;
                    }
                });
            case "tools", "functions" ->
                JsonTokens.items(parser, token, item -> {
                    needs.add(Feature.TOOLS);
                    if (name.equals("functions")) {
                        ownOnly.add(name);
                    }
                });
            case "response_format" ->
                JsonTokens.fields(parser, token, (field, value) -> {
                    if (field.equals("type") && JsonTokens.says(parser, value, "json_schema")) {
                        needs.add(Feature.JSON_SCHEMA);
                    }
                    jsonAnswer |= field.equals("type") && JsonTokens.says(parser, value, "json_object");
                });
            case "reasoning_effort" ->
                thinks |= token == JsonToken.VALUE_STRING && !SILENT_EFFORTS.contains(parser.getText());
            case "n" -> {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getIntValue() > 1) {
                    choices = parser.getIntValue();
                    ownOnly.add("n");
                }
            }
            case "logprobs", "audio", "web_search_options" -> {
                if (token != JsonToken.VALUE_NULL && token != JsonToken.VALUE_FALSE) {
                    ownOnly.add(name);
                }
            }
            default -> {}
        }
    }

    @Override
    protected void message(JsonParser parser) throws IOException {
        for (int depth = 1; depth > 0; ) {
            JsonToken next = parser.nextToken();
            if (next.isStructStart()) {
                depth++;
            } else if (next.isStructEnd()) {
                depth--;
            } else if (next == JsonToken.VALUE_STRING) {
                part(parser);
            }
        }
    }

    /** Reads a string inside a message: the type of a content part shows which features the target needs. */
    private void part(JsonParser parser) throws IOException {
        String name = parser.currentName();
        if (name == null) {
            return;
        }
        switch (name) {
            case "type" -> {
                switch (parser.getText()) {
                    case "image_url" -> needs.add(Feature.IMAGES);
                    case "input_audio" -> ownOnly.add("audio");
                    default -> {}
                }
            }
            case "file_id" -> ownOnly.add("file");
            case "tool_call_id" -> foreignIds |= !ToolIds.isPortable(parser.getText());
            case "id" -> foreignIds |= isCall(parser.getParsingContext()) && !ToolIds.isPortable(parser.getText());
            default -> {}
        }
    }

    /** Whether an object is one of the {@code tool_calls}: other objects have ids as well. */
    private static boolean isCall(JsonStreamContext object) {
        JsonStreamContext list = object.getParent();
        return list != null
                && list.inArray()
                && list.getParent() != null
                && "tool_calls".equals(list.getParent().getCurrentName());
    }
}
