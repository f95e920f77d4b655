package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** An event of the Messages protocol. Its name, the {@code event:} line, equals the {@code type} in the data. */
public record MessagesEvent(String name, ObjectNode data) {

    static MessagesEvent of(ObjectNode data) {
        return new MessagesEvent(data.path("type").textValue(), data);
    }

    /** The event that ends a stream early with an error. */
    public static MessagesEvent error(String type, String message) {
        ObjectNode data = ExactJson.typed("error");
        data.putObject("error").put("type", type).put("message", message);
        return of(data);
    }

    public static MessagesEvent blockStart(int index, ObjectNode block) {
        ObjectNode data = ExactJson.typed("content_block_start").put("index", index);
        data.set("content_block", block);
        return of(data);
    }

    public static MessagesEvent blockDelta(int index, String type, String field, String piece) {
        return blockDelta(index, ExactJson.typed(type).put(field, piece));
    }

    public static MessagesEvent blockDelta(int index, ObjectNode delta) {
        ObjectNode data = ExactJson.typed("content_block_delta").put("index", index);
        data.set("delta", delta);
        return of(data);
    }

    public static MessagesEvent blockStop(int index) {
        return of(ExactJson.typed("content_block_stop").put("index", index));
    }

    static MessagesEvent start(String id, String model) {
        ObjectNode message = ExactJson.object()
                .put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.putObject("usage").put("input_tokens", 0).put("output_tokens", 0);
        return start(message);
    }

    public static MessagesEvent start(ObjectNode message) {
        ObjectNode data = ExactJson.typed("message_start");
        data.set("message", message);
        return of(data);
    }

    static MessagesEvent delta(String stopReason, JsonNode usage) {
        return delta(ExactJson.object().put("stop_reason", stopReason).putNull("stop_sequence"), usage);
    }

    public static MessagesEvent delta(ObjectNode delta, JsonNode usage) {
        ObjectNode data = ExactJson.typed("message_delta");
        data.set("delta", delta);
        if (!usage.isMissingNode()) {
            data.set("usage", usage);
        }
        return of(data);
    }

    public static MessagesEvent stop() {
        return of(ExactJson.typed("message_stop"));
    }
}
