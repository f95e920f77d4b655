package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.UnaryOperator;

/**
 * Requests that stay in their dialect but go to another vendor than the one whose tool calls their history tells. Calls
 * get the ids that a translation would give them: every vendor takes them, and no two calls share one. Thread-safe.
 */
public final class PortableIds {
    private PortableIds() {}

    /** A copy of a Chat Completions request; nothing but ids of tool calls differs. */
    public static ObjectNode chat(ObjectNode request) {
        return chat(request, UnaryOperator.identity());
    }

    /** The same with ids of nine letters and digits, which is all that some of Mistral's models take. */
    public static ObjectNode nineLetters(ObjectNode request) {
        return chat(request, ToolIds::nineLetters);
    }

    private static ObjectNode chat(ObjectNode request, UnaryOperator<String> form) {
        ObjectNode copy = ExactJson.copy(request);
        OpenCalls calls = new OpenCalls();
        for (JsonNode message : copy.path("messages")) {
            turn(message, calls);
            for (JsonNode call : message.path("tool_calls")) {
                open(call, calls, form);
            }
            answer(message, "tool_call_id", calls, form);
        }
        return copy;
    }

    /** A copy of a Messages request; nothing but ids of tool calls differs. */
    public static ObjectNode messages(ObjectNode request) {
        ObjectNode copy = ExactJson.copy(request);
        OpenCalls calls = new OpenCalls();
        for (JsonNode message : copy.path("messages")) {
            turn(message, calls);
            for (JsonNode block : message.path("content")) {
                switch (ExactJson.text(block, "type", "")) {
                    case "tool_use" -> open(block, calls, UnaryOperator.identity());
                    case "tool_result" -> answer(block, "tool_use_id", calls, UnaryOperator.identity());
                    default -> {}
                }
            }
        }
        return copy;
    }

    /** Results follow the turn of their calls. */
    private static void turn(JsonNode message, OpenCalls calls) {
        if (ExactJson.text(message, "role", "").equals("assistant")) {
            calls.forget();
        }
    }

    private static void open(JsonNode call, OpenCalls calls, UnaryOperator<String> form) {
        String id = ExactJson.text(call, "id");
        if (id != null) {
            ((ObjectNode) call).put("id", form.apply(calls.open(id)));
        }
    }

    private static void answer(JsonNode result, String field, OpenCalls calls, UnaryOperator<String> form) {
        String id = ExactJson.text(result, field);
        if (id != null) {
            String known = calls.answer(id);
            ((ObjectNode) result).put(field, form.apply(known == null ? ToolIds.portable(id) : known));
        }
    }
}
