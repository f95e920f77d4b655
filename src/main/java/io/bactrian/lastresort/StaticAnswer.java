package io.bactrian.lastresort;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import java.time.Instant;

/** A text as an answer that no model gave: whole, and for nothing. Stateless. */
final class StaticAnswer {
    private StaticAnswer() {}

    /** @param model as the caller named it */
    static ObjectNode document(CallerProtocol dialect, String model, String text, Instant now) {
        return dialect == CallerProtocol.CHAT ? completion(model, text, now) : message(model, text);
    }

    private static ObjectNode completion(String model, String text, Instant now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("id", "chatcmpl-" + Ids.random())
                .put("object", "chat.completion")
                .put("created", now.getEpochSecond())
                .put("model", model);
        ObjectNode choice = document.putArray("choices").addObject().put("index", 0);
        choice.putObject("message").put("role", "assistant").put("content", text);
        choice.put("finish_reason", "stop");
        document.putObject("usage")
                .put("prompt_tokens", 0)
                .put("completion_tokens", 0)
                .put("total_tokens", 0);
        return document;
    }

    private static ObjectNode message(String model, String text) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("id", "msg_" + Ids.random())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
        document.putArray("content").addObject().put("type", "text").put("text", text);
        document.put("stop_reason", "end_turn").putNull("stop_sequence");
        document.putObject("usage").put("input_tokens", 0).put("output_tokens", 0);
        return document;
    }
}
