package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.translation.CallPiece;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A mender of whole Chat Completions answers: content and tool calls in the form that official libraries read. Stateless. */
final class OrderlyAnswer {
    private OrderlyAnswer() {}

    /**
     * The answer in the official form; the same object if it has that form.
     *
     * @param callsFunctions whether the caller reads {@code function_call}, the form of old
     * @return null if a tool call has no name
     */
    static @Nullable ObjectNode of(ObjectNode answer, boolean callsFunctions) {
        ObjectNode mended = answer;
        JsonNode choices = answer.path("choices");
        for (int i = 0; i < choices.size(); i++) {
            if (choices.get(i).path("message") instanceof ObjectNode message && !isPlain(message)) {
                mended = mended == answer ? answer.deepCopy() : mended;
                ObjectNode choice = (ObjectNode) mended.path("choices").get(i);
                if (!mend(choice, (ObjectNode) choice.get("message"), callsFunctions)) {
                    return null;
                }
            }
        }
        return mended.equals(answer) ? answer : mended;
    }

    private static boolean isPlain(ObjectNode message) {
        JsonNode content = message.path("content");
        return !content.isContainerNode()
                && !content.isNumber()
                && !message.path("reasoning_content").isContainerNode()
                && !message.path("reasoning").isContainerNode()
                && !message.path("tool_calls").isContainerNode()
                && !message.path("function_call").isObject();
    }

    /** Mends one choice; returns whether each of its calls has a name. */
    private static boolean mend(ObjectNode choice, ObjectNode message, boolean callsFunctions) {
        ContentParts.mend(message, 0);
        if (message.get("tool_calls") instanceof ObjectNode one) {
            message.putArray("tool_calls").add(one);
        }
        if (message.get("function_call") instanceof ObjectNode function) {
            function.put("arguments", arguments(CallPiece.ofFunction(function).text()));
            if (!callsFunctions) {
                convert(choice, message, function);
            }
        }
        return !(message.get("tool_calls") instanceof ArrayNode calls)
                || calls.isEmpty()
                || (mend(calls) && ChatDeviations.says(message));
    }

    private static void convert(ObjectNode choice, ObjectNode message, ObjectNode function) {
        message.remove("function_call");
        if (message.path("tool_calls").isEmpty()) {
            message.putArray("tool_calls").addObject().set(CallPiece.FUNCTION, function);
        }
        if (choice.path("finish_reason").asText().equals("function_call")) {
            choice.put("finish_reason", "tool_calls");
        }
    }

    private static boolean mend(ArrayNode calls) {
        Set<String> ids = new HashSet<>();
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (saysNothing(calls.get(i))) {
                calls.remove(i);
            }
        }
        for (JsonNode call : calls) {
            if (!mend((ObjectNode) call, ids)) {
                return false;
            }
        }
        return true;
    }

    private static boolean saysNothing(JsonNode call) {
        CallPiece piece = CallPiece.of(call);
        return !call.isObject()
                || (piece.id().isEmpty()
                        && piece.name().isEmpty()
                        && arguments(piece.text()).equals("{}"));
    }

    private static boolean mend(ObjectNode call, Set<String> ids) {
        CallPiece piece = CallPiece.of(call);
        if (piece.name().isEmpty()) {
            return false;
        }
        String kind = piece.isCustom() ? CallPiece.CUSTOM : CallPiece.FUNCTION;
        if (piece.id().isEmpty() || !ids.add(piece.id())) {
            String id = "call_" + Ids.random();
            ids.add(id);
            call.put("id", id);
        } else {
            call.put("id", piece.id());
        }
        call.put("type", kind);
        ObjectNode called = call.get(kind) instanceof ObjectNode given ? given : call.putObject(kind);
        called.put("name", piece.name());
        call.remove(List.of("name", "arguments"));
        called.put(piece.isCustom() ? "input" : "arguments", piece.isCustom() ? piece.text() : arguments(piece.text()));
        return true;
    }

    /** Arguments of a whole call: an object at the least. */
    static String arguments(String text) {
        String meant = CallPiece.beginning(text);
        return meant.isBlank() ? "{}" : meant;
    }
}
