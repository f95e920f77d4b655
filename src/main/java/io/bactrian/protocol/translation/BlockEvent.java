package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * The part of an event of a Messages stream that says where its content belongs. Immutable.
 *
 * @param type the type of the event
 * @param index the index of the block, negative if it names none
 * @param kind the type of the block that begins, or of the delta; empty if it has none
 * @param id the id of a tool call that begins, else empty
 * @param input a piece of a tool call's input, else empty
 * @param plain whether it has every field that official libraries need
 * @param ends whether it names the stop reason
 */
public record BlockEvent(String type, int index, String kind, String id, String input, boolean plain, boolean ends) {

    static BlockEvent of(JsonNode event) {
        String type = ExactJson.text(event, "type", "");
        JsonNode index = event.path("index");
        int at = index.isInt() && index.intValue() >= 0 ? index.intValue() : -1;
        JsonNode block = event.path("content_block");
        JsonNode delta = event.path("delta");
        return switch (type) {
            case "content_block_start" -> {
                String kind = ExactJson.text(block, "type", "");
                yield new BlockEvent(
                        type, at, kind, ExactJson.text(block, "id", ""), "", isPlainBlock(kind, block), false);
            }
            case "content_block_delta" -> {
                String kind = ExactJson.text(delta, "type", "");
                String input = kind.equals("input_json_delta") ? ExactJson.text(delta, "partial_json", "") : "";
                String field = field(kind);
                boolean plain =
                        !kind.isEmpty() && (field.isEmpty() || delta.path(field).isTextual());
                yield new BlockEvent(type, at, kind, "", input, plain, false);
            }
            case "message_start" -> {
                JsonNode content = event.path("message").path("content");
                yield new BlockEvent(type, at, "", "", "", content.isArray() && content.isEmpty(), false);
            }
            case "message_delta" -> {
                boolean ends = !ExactJson.text(delta, "stop_reason", "").isEmpty();
                yield new BlockEvent(type, at, "", "", "", true, ends);
            }
            default -> new BlockEvent(type, at, "", "", "", true, false);
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
                block.path("name").isTextual() && block.path("input").isObject();
            default -> true;
        };
    }
}
