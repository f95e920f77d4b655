package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.config.Feature;
import io.bactrian.protocol.JsonTokens;
import io.bactrian.protocol.MessageListFields;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.translation.ToolIds;
import java.io.IOException;

/**
 * The fields of a Messages request. The input of a tool may be any JSON, so content is read by its structure and not only by the
 * names of its fields. Not thread-safe.
 */
final class MessagesRequestFields extends MessageListFields {
    private static final String SERVER_TOOLS = "server-tools";
    private static final String FILE = "file";
    private static final String STORED = "stored-conversation";

    private final boolean limited;
    private boolean maxTokens;

    /** @param limited whether the request has to limit the length of the answer */
    MessagesRequestFields(boolean limited) {
        this.limited = limited;
    }

    @Override
    protected void own(JsonParser parser, String name, JsonToken token) throws IOException {
        switch (name) {
            case "messages" -> messages(parser, token);
            case "max_tokens" -> maxTokens = token == JsonToken.VALUE_NUMBER_INT && parser.getDoubleValue() >= 0;
            case "tools" -> JsonTokens.items(parser, token, item -> tool(parser, item));
            case "mcp_servers" -> JsonTokens.items(parser, token, item -> ownOnly.add(SERVER_TOOLS));
            case "thread" -> {
                if (token != JsonToken.VALUE_NULL) {
                    ownOnly.add(isNewThread(parser, token) ? Messages.NEW_THREAD : STORED);
                }
            }
            case "previous_message_id", "container" -> {
                if (token != JsonToken.VALUE_NULL) {
                    ownOnly.add(STORED);
                }
            }
            case "thinking" ->
                JsonTokens.fields(parser, token, (field, value) -> {
                    if (field.equals("type")) {
                        thinks = thinks(text(parser, value));
                    }
                });
            case "output_format" -> format(parser, token);
            case "output_config" ->
                JsonTokens.fields(parser, token, (field, value) -> {
                    if (field.equals("format")) {
                        format(parser, value);
                    }
                });
            default -> {}
        }
    }

    @Override
    protected void message(JsonParser parser) throws IOException {
        JsonTokens.fields(parser, parser.currentToken(), (field, value) -> {
            if (field.equals("content")) {
                content(parser, value);
            }
        });
    }

    @Override
    protected void finish() {
        super.finish();
        if (limited && !maxTokens) {
            throw RequestRejected.invalid("max_tokens", "'max_tokens' must be an integer of 0 or more.");
        }
    }

    /** Whether a conversation is to be stored from now on, so that the request has all of it. */
    private static boolean isNewThread(JsonParser parser, JsonToken token) throws IOException {
        boolean[] creates = {false};
        JsonTokens.fields(parser, token, (field, value) -> {
            if (field.equals("type")) {
                creates[0] = JsonTokens.says(parser, value, "create");
            }
        });
        return creates[0];
    }

    private void tool(JsonParser parser, JsonToken token) throws IOException {
        needs.add(Feature.TOOLS);
        JsonTokens.fields(parser, token, (field, value) -> {
            if (field.equals("type")
                    && value == JsonToken.VALUE_STRING
                    && !parser.getText().equals("custom")) {
                ownOnly.add(SERVER_TOOLS);
            }
        });
    }

    private static boolean thinks(String type) {
        return switch (type) {
            case "enabled", "adaptive", "between_tools" -> true;
            default -> false;
        };
    }

    private void format(JsonParser parser, JsonToken token) throws IOException {
        JsonTokens.fields(parser, token, (field, value) -> {
            if (field.equals("type") && JsonTokens.says(parser, value, "json_schema")) {
                needs.add(Feature.JSON_SCHEMA);
            }
        });
    }

    private void content(JsonParser parser, JsonToken token) throws IOException {
        JsonTokens.items(parser, token, item -> {
            if (item == JsonToken.START_OBJECT) {
                block(parser);
            }
        });
    }

    /** Reads a content block; its type may come after its content. */
    private void block(JsonParser parser) throws IOException {
        String type = "";
        String source = "";
        boolean foreignCall = false;
        boolean foreignResult = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "type" -> type = text(parser, value);
                case "source" -> source = source(parser, value);
                case "content" -> content(parser, value);
                case "id" -> foreignCall = isForeignId(parser, value);
                case "tool_use_id" -> foreignResult = isForeignId(parser, value);
                default -> {}
            }
            parser.skipChildren();
        }
        switch (type) {
            case "text", "search_result", "thinking", "redacted_thinking", "" -> {}
            case "tool_use" -> foreignIds |= foreignCall;
            case "tool_result" -> foreignIds |= foreignResult;
            case "image" -> {
                needs.add(Feature.IMAGES);
                kept(source.equals("file"));
            }
            case "document" -> kept(source.equals("file") || source.equals("url") || source.equals("content"));
            default -> ownOnly.add(SERVER_TOOLS);
        }
    }

    private void kept(boolean elsewhere) {
        if (elsewhere) {
            ownOnly.add(FILE);
        }
    }

    /** Reads the source of an image or a document, and returns its type. */
    private String source(JsonParser parser, JsonToken token) throws IOException {
        String[] type = {""};
        JsonTokens.fields(parser, token, (field, value) -> {
            if (field.equals("type")) {
                type[0] = text(parser, value);
            } else if (field.equals("content")) {
                content(parser, value);
            }
        });
        return type[0];
    }

    /** Whether a value is an id of a tool call that some vendors refuse. */
    private static boolean isForeignId(JsonParser parser, JsonToken token) throws IOException {
        return token == JsonToken.VALUE_STRING && !ToolIds.isPortable(parser.getText());
    }

    private static String text(JsonParser parser, JsonToken token) throws IOException {
        return token == JsonToken.VALUE_STRING ? parser.getText() : "";
    }
}
