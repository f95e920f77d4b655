package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;

/** An event of a Messages stream, of which only what says where its content belongs is read. Immutable. */
public interface BlockEvent {
    /** The type of the event. */
    String type();

    /** The index of the block; negative if it names none. */
    int index();

    /** The type of the block that begins, or of the delta; empty if it has none. */
    String kind();

    /** The id of a tool call that begins; else empty. */
    String id();

    /** A piece of a tool call's input; else empty. */
    String input();

    /** Whether it has every field that official libraries need, and a call that begins has no input yet. */
    boolean isPlain();

    /** Whether it names the stop reason. */
    boolean namesReason();

    /** An event that was read from its tree. */
    record Read(String type, int index, String kind, String id, String input, boolean isPlain, boolean namesReason)
            implements BlockEvent {}

    static BlockEvent of(JsonNode event) {
        String type = ExactJson.text(event, "type", "");
        JsonNode index = event.path("index");
        int at = index.isInt() && index.intValue() >= 0 ? index.intValue() : -1;
        JsonNode block = event.path("content_block");
        JsonNode delta = event.path("delta");
        return switch (type) {
            case "content_block_start" -> {
                String kind = ExactJson.text(block, "type", "");
                boolean plain = isPlainBlock(kind, block)
                        && (!kind.equals("tool_use") || block.path("input").isEmpty());
                yield new Read(type, at, kind, ExactJson.text(block, "id", ""), "", plain, false);
            }
            case "content_block_delta" -> {
                String kind = ExactJson.text(delta, "type", "");
                String input = kind.equals("input_json_delta") ? ExactJson.text(delta, "partial_json", "") : "";
                String field = field(kind);
                boolean plain =
                        !kind.isEmpty() && (field.isEmpty() || delta.path(field).isTextual());
                yield new Read(type, at, kind, "", input, plain, false);
            }
            case "message_start" -> {
                JsonNode message = event.path("message");
                JsonNode content = message.path("content");
                boolean empty = content.isArray() && content.isEmpty();
                yield new Read(type, at, "", "", "", empty && MessageHead.isComplete(message), false);
            }
            case "message_delta" -> {
                boolean ends = !ExactJson.text(delta, "stop_reason", "").isEmpty();
                yield new Read(type, at, "", "", "", true, ends);
            }
            default -> new Read(type, at, "", "", "", true, false);
        };
    }

    /** The field of a delta that is a text in every event; empty if there is none. */
    static String field(String kind) {
        return switch (kind) {
            case "text_delta" -> "text";
            case "thinking_delta" -> "thinking";
            case "signature_delta" -> "signature";
            case "input_json_delta" -> "partial_json";
            default -> "";
        };
    }

    /** Whether a block at its start, or whole, has every field that official libraries need. */
    static boolean isPlainBlock(String kind, JsonNode block) {
        return switch (kind) {
            case "" -> false;
            case "text", "thinking" -> block.path(kind).isTextual();
            case "tool_use" ->
                !CallPiece.saysNothing(ExactJson.text(block, "name", ""))
                        && block.path("input").isObject();
            default -> true;
        };
    }
}
