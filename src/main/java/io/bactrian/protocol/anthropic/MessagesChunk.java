package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonToken;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.BlockEvent;
import io.bactrian.protocol.translation.CallPiece;
import io.bactrian.protocol.translation.MessageHead;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An event of a Messages stream. Events of unknown types pass as they are. Not thread-safe. */
public final class MessagesChunk extends AnswerChunk implements BlockEvent {
    /** The types of blocks whose content comes in deltas, or that have no content for the caller. */
    private static final Set<String> OPENINGS = Set.of("text", "thinking", "redacted_thinking", "tool_use", "");

    private int index = -1;
    private String kind = "";
    private String id = "";
    private String input = "";
    private boolean plain;
    private boolean namesReason;

    private MessagesChunk(byte[] json) {
        super(json);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String input() {
        return input;
    }

    @Override
    public boolean isPlain() {
        return plain;
    }

    @Override
    public boolean namesReason() {
        return namesReason;
    }

    /** Reads an event; null if the bytes are not JSON, or no event can have such a type. */
    public static @Nullable MessagesChunk read(byte[] json) {
        MessagesChunk chunk = scan(json);
        if (chunk != null && !canBeName(chunk.type)) {
            return null;
        }
        // The data of an event may span several lines, but not in what is written to the caller.
        return chunk == null || !hasSeveralLines(json) ? chunk : scan(Json.bytes(chunk.tree()));
    }

    /**
     * Whether a type can be written as the name of an event: what follows a line break would be lines of its own, and half a
     * surrogate pair another name.
     */
    private static boolean canBeName(String type) {
        for (int i = 0; i < type.length(); i++) {
            char c = type.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < type.length() && Character.isLowSurrogate(type.charAt(i + 1))) {
                i++;
            } else if (c == '\n' || c == '\r' || Character.isSurrogate(c)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable MessagesChunk scan(byte[] json) {
        try (JsonParser parser = Json.parser(json)) {
            MessagesChunk chunk = new MessagesChunk(json);
            JsonToken first = parser.nextToken();
            if (first == null) {
                return null;
            }
            if (first == JsonToken.START_OBJECT) {
                chunk.object = true;
                Scan scan = new Scan(chunk);
                scan.top(parser);
                scan.understand();
            } else {
                chunk.mayBeError = true;
                parser.skipChildren();
            }
            return parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            Json.notRead(e);
            return null;
        }
    }

    @Override
    public boolean isLast() {
        return type.equals("message_stop");
    }

    @Override
    public boolean isCanonical() {
        return false;
    }

    @Override
    public @Nullable Usage usage() {
        if (!counts) {
            return null;
        }
        Usage counted = Usage.of(tree().path("usage"));
        return counted != null ? counted : Usage.of(tree().path("message").path("usage"));
    }

    /** A single pass over the bytes of one event. */
    private static final class Scan {
        private final MessagesChunk chunk;
        private String block = "";
        private String delta = "";
        private String text = "";
        private String thinking = "";
        private String stopReason = "";
        private boolean hasText;
        private boolean hasThinking;
        private boolean hasSignature;
        private boolean hasInput;
        private boolean hasName;
        private boolean empty;

        private Scan(MessagesChunk chunk) {
            this.chunk = chunk;
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
                    case "index" -> {
                        boolean number =
                                value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == NumberType.INT;
                        chunk.index = number ? parser.getIntValue() : -1;
                        parser.skipChildren();
                    }
                    case "error" -> {
                        chunk.mayBeError |= value != JsonToken.VALUE_NULL;
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
                        case "text" -> {
                            text = parser.getText();
                            hasText = true;
                        }
                        case "thinking" -> {
                            thinking = parser.getText();
                            hasThinking = true;
                        }
                        case "stop_reason" -> stopReason = parser.getText();
                        case "partial_json" -> {
                            chunk.input = parser.getText();
                            hasInput = true;
                        }
                        case "signature" -> hasSignature = true;
                        case "id" -> chunk.id = parser.getText();
                        case "name" -> hasName = !CallPiece.saysNothing(parser.getText());
                        default -> {}
                    }
                } else if (value == JsonToken.START_OBJECT && name.equals("input")) {
                    hasInput = parser.nextToken() == JsonToken.END_OBJECT;
                    skipRest(parser, JsonToken.END_OBJECT);
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
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (name.equals("usage")) {
                    usage(parser, value);
                } else if (name.equals("content") && value == JsonToken.START_ARRAY) {
                    empty = parser.nextToken() == JsonToken.END_ARRAY;
                    skipRest(parser, JsonToken.END_ARRAY);
                } else {
                    parser.skipChildren();
                }
            }
        }

        /** Skips what is left of a list or object whose first token has been read. */
        private static void skipRest(JsonParser parser, JsonToken end) throws IOException {
            while (parser.currentToken() != end) {
                parser.skipChildren();
                parser.nextToken();
            }
        }

        private void usage(JsonParser parser, JsonToken value) throws IOException {
            chunk.counts |= value == JsonToken.START_OBJECT;
            parser.skipChildren();
        }

        private void understand() {
            boolean starts = chunk.type.equals("content_block_start");
            chunk.mayBeError |= chunk.type.equals("error");
            chunk.tools = starts && block.equals("tool_use");
            boolean opensThought =
                    block.equals("redacted_thinking") || (block.equals("thinking") && !thinking.isEmpty());
            chunk.thought = starts ? opensThought : delta.equals("thinking_delta");
            chunk.text = (starts && block.equals("text")) || delta.equals("text_delta") ? text : "";
            // Such as a search that the vendor runs: no other target can continue from there.
            chunk.uncontinuable = starts && !OPENINGS.contains(block);
            chunk.words = chunk.thought || chunk.uncontinuable || !chunk.text.isEmpty();
            place(starts ? block : delta);
            if (chunk.type.equals("message_delta")) {
                chunk.choice(0, FinishFailures.reason(stopReason));
            } else if (starts || !delta.isEmpty()) {
                chunk.choice(0, "");
            }
        }

        /** Notes where the content belongs, and whether it has every field that official libraries need. */
        private void place(String kind) {
            chunk.kind = kind;
            chunk.namesReason = !stopReason.isEmpty();
            chunk.plain = switch (chunk.type) {
                case "message_start" ->
                    empty && MessageHead.isComplete(chunk.tree().path("message"));
                case "content_block_start" ->
                    switch (kind) {
                        case "" -> false;
                        case "text" -> hasText;
                        case "thinking" -> hasThinking;
                        case "tool_use" -> hasName && hasInput;
                        default -> true;
                    };
                case "content_block_delta" ->
                    switch (kind) {
                        case "" -> false;
                        case "text_delta" -> hasText;
                        case "thinking_delta" -> hasThinking;
                        case "signature_delta" -> hasSignature;
                        case "input_json_delta" -> hasInput;
                        default -> true;
                    };
                default -> true;
            };
        }
    }
}
