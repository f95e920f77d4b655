package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.UnaryOperator;

/**
 * The rewriting of the ids of tool calls in a request that keeps its protocol but goes to another vendor than the calls
 * in its history. Calls get the ids that a translation would give them: every vendor accepts them, and no two calls
 * share one. Thread-safe.
 */
public final class PortableIds {
    private PortableIds() {}

    /** A copy of a Chat Completions request, in which only ids of tool calls differ. */
    public static ObjectNode chat(ObjectNode request) {
        return chat(request, UnaryOperator.identity());
    }

    /** The same with ids of nine letters and digits, the only ones that some of Mistral's models accept. */
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

    /** A copy of a Messages request, in which only ids of tool calls differ. */
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

    /** Drops open calls at the next answer, because results follow the turn of their calls. */
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
            String portable = calls.answer(id);
            ((ObjectNode) result).put(field, form.apply(portable == null ? ToolIds.portable(id) : portable));
        }
    }
}
