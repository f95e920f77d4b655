package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the gateway wants to know of an Anthropic event, in one pass over its bytes. Types that nobody here knows pass as
 * they are. Used once.
 */
public final class MessagesEventScan {
    /** Blocks whose content comes in deltas, or that say nothing by themselves. */
    private static final Set<String> OPENINGS = Set.of("text", "thinking", "redacted_thinking", "tool_use", "");

    private final AnswerChunk chunk;
    private String block = "";
    private String delta = "";
    private String text = "";
    private String thinking = "";
    private String stopReason = "";

    private MessagesEventScan(AnswerChunk chunk) {
        this.chunk = chunk;
    }

    /** @return null if the bytes are not JSON */
    static @Nullable public AnswerChunk scan(AnswerChunk chunk) {
        try (JsonParser parser = Json.MAPPER.getFactory().createParser(chunk.json())) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return first == null ? null : strange(chunk, parser);
            }
            chunk.object = true;
            MessagesEventScan scan = new MessagesEventScan(chunk);
            scan.top(parser);
            scan.understand();
            return parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            return null;
        }
    }

    private static @Nullable AnswerChunk strange(AnswerChunk chunk, JsonParser parser) throws IOException {
        chunk.strange = true;
        parser.skipChildren();
        return parser.nextToken() != null ? null : chunk;
    }

    private void top(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "type" -> {
                    chunk.type = value == JsonToken.VALUE_STRING ? parser.getText() : "";
                    parser.skipChildren();
                }
                case "delta" -> inside(parser, value);
                case "content_block" -> {
                    inside(parser, value);
                    block = delta;
                    delta = "";
                }
                case "message" -> message(parser, value);
                case "usage" -> usage(parser, value);
                case "error" -> {
                    chunk.strange |= value != JsonToken.VALUE_NULL;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void inside(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (value == JsonToken.VALUE_STRING) {
                switch (name) {
                    case "type" -> delta = parser.getText();
                    case "text" -> text = parser.getText();
                    case "thinking" -> thinking = parser.getText();
                    case "stop_reason" -> stopReason = parser.getText();
                    default -> {}
                }
            } else {
                parser.skipChildren();
            }
        }
    }

    private void message(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            boolean counts = parser.currentName().equals("usage");
            JsonToken value = parser.nextToken();
            if (counts) {
                usage(parser, value);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void usage(JsonParser parser, JsonToken value) throws IOException {
        chunk.usage |= value == JsonToken.START_OBJECT;
        parser.skipChildren();
    }

    private void understand() {
        boolean starts = chunk.type.equals("content_block_start");
        chunk.strange |= chunk.type.equals("error");
        chunk.tools = starts && block.equals("tool_use");
        boolean opensThought = block.equals("redacted_thinking") || (block.equals("thinking") && !thinking.isEmpty());
        chunk.thought = starts ? opensThought : delta.equals("thinking_delta");
        chunk.text = (starts && block.equals("text")) || delta.equals("text_delta") ? text : "";
        // Such as a search that the vendor runs: nobody else goes on from there.
        chunk.otherWords = starts && !OPENINGS.contains(block);
        chunk.words = chunk.thought || chunk.otherWords || !chunk.text.isEmpty();
        if (chunk.type.equals("message_delta")) {
            chunk.choice(0, stopReason);
        } else if (starts || !delta.isEmpty()) {
            chunk.choice(0, "");
        }
    }
}
