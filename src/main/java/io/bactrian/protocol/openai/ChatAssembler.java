package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.translation.CallPiece;
import io.bactrian.protocol.translation.CallReader;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An assembler of the document that the same request would have got without a stream. Texts are joined, tool calls by their index
 * and id, and lists are appended; of every other field, known or not, the last value counts. Not thread-safe.
 */
final class ChatAssembler implements AnswerAssembler {
    private final ObjectNode head = Json.MAPPER.createObjectNode();
    private final Map<Integer, Choice> choices = new TreeMap<>();
    private @Nullable JsonNode usage;

    private static final class Choice {
        final ObjectNode message = Json.MAPPER.createObjectNode();
        final ObjectNode rest = Json.MAPPER.createObjectNode();
        final Map<String, StringBuilder> texts = new TreeMap<>();
        final CallReader reader = new CallReader();
        final Map<CallReader.Call, ToolCall> tools = new LinkedHashMap<>();

        @Nullable
        ToolCall functionCall;
    }

    private static final class ToolCall {
        final ObjectNode call = Json.MAPPER.createObjectNode();
        final Map<String, StringBuilder> pieces = new TreeMap<>();

        /** The call with its pieces joined. */
        ObjectNode whole() {
            pieces.forEach((kind, text) -> call.withObject("/" + kind).put(textOf(kind), text.toString()));
            if (call.path(CallPiece.FUNCTION) instanceof ObjectNode function) {
                function.put(
                        "arguments",
                        OrderlyAnswer.arguments(function.path("arguments").asText("")));
            }
            return call;
        }
    }

    @Override
    public void add(ObjectNode chunk) {
        chunk.properties().forEach(field -> {
            switch (field.getKey()) {
                case "choices" -> field.getValue().forEach(this::choice);
                case "usage" -> usage(field.getValue());
                case "x_groq" -> {
                    usage(field.getValue().path("usage"));
                    head.set(field.getKey(), field.getValue());
                }
                case "object", "obfuscation" -> {}
                default -> {
                    if (says(field.getValue())) {
                        head.set(field.getKey(), field.getValue());
                    }
                }
            }
        });
    }

    private void usage(JsonNode figures) {
        usage = figures.isObject() ? figures : usage;
    }

    private void choice(JsonNode part) {
        Choice choice = choices.computeIfAbsent(part.path("index").asInt(), i -> new Choice());
        part.properties().forEach(field -> {
            switch (field.getKey()) {
                case "delta" -> field.getValue().properties().forEach(e -> delta(choice, e.getKey(), e.getValue()));
                case "index" -> {}
                default -> {
                    if (!field.getValue().isNull()) {
                        choice.rest.set(field.getKey(), field.getValue());
                    }
                }
            }
        });
    }

    private static void delta(Choice choice, String name, JsonNode value) {
        if (name.equals("tool_calls")) {
            choice.reader.nextList();
            value.forEach(part -> toolCall(choice, part));
        } else if (name.equals("function_call") && value.isObject()) {
            ToolCall call = choice.functionCall == null ? new ToolCall() : choice.functionCall;
            choice.functionCall = call;
            pieces(call, "function", value);
        } else if (name.equals("role")) {
            if (says(value)) {
                choice.message.set(name, value);
            }
        } else if (value.isTextual()) {
            choice.texts.computeIfAbsent(name, n -> new StringBuilder()).append(value.textValue());
        } else if (value instanceof ArrayNode more && choice.message.get(name) instanceof ArrayNode list) {
            list.addAll(more);
        } else if (!value.isNull()) {
            choice.message.set(name, value);
        }
    }

    private static void toolCall(Choice choice, JsonNode part) {
        CallReader.Call call = choice.reader.read(CallPiece.of(part));
        if (call == null) {
            return;
        }
        ToolCall tool = choice.tools.computeIfAbsent(call, fresh -> new ToolCall());
        if (call.restarted()) {
            tool.pieces.clear();
        }
        part.properties().forEach(field -> {
            switch (field.getKey()) {
                case "index" -> {}
                case "id" -> {
                    if (!call.id().isEmpty()) {
                        tool.call.put("id", call.id());
                    }
                }
                case "function", "custom" -> pieces(tool, field.getKey(), field.getValue());
                default -> {
                    if (says(field.getValue())) {
                        tool.call.set(field.getKey(), field.getValue());
                    }
                }
            }
        });
    }

    private static void pieces(ToolCall tool, String kind, JsonNode part) {
        part.properties().forEach(field -> {
            if (field.getKey().equals(textOf(kind))) {
                tool.pieces
                        .computeIfAbsent(kind, k -> new StringBuilder())
                        .append(
                                field.getValue().isObject()
                                        ? field.getValue().toString()
                                        : field.getValue().asText(""));
            } else if (says(field.getValue())) {
                tool.call.withObject("/" + kind).set(field.getKey(), field.getValue());
            }
        });
    }

    /** The field that comes in pieces. */
    private static String textOf(String kind) {
        return kind.equals("function") ? "arguments" : "input";
    }

    /** Whether a value is more than a placeholder: some servers repeat fields as null or empty. */
    private static boolean says(JsonNode value) {
        return !value.isNull() && !(value.isTextual() && value.textValue().isEmpty());
    }

    @Override
    public ObjectNode document() {
        ObjectNode document = Json.MAPPER.createObjectNode();
        document.put("id", head.path("id").asText("chatcmpl-" + Ids.random()));
        document.put("object", "chat.completion");
        document.setAll(head);
        ArrayNode list = document.putArray("choices");
        choices.forEach((index, choice) -> {
            ObjectNode out = list.addObject().put("index", index);
            out.set("message", message(choice));
            out.putNull("logprobs");
            out.setAll(choice.rest);
        });
        if (usage != null) {
            document.set("usage", usage);
        }
        return document;
    }

    private static ObjectNode message(Choice choice) {
        ObjectNode message = Json.MAPPER.createObjectNode();
        message.put("role", "assistant");
        StringBuilder content = choice.texts.remove("content");
        boolean called = !choice.tools.isEmpty() || choice.functionCall != null;
        boolean silent = content == null || (content.isEmpty() && called);
        message.put("content", silent ? null : content.toString());
        message.putNull("refusal");
        message.setAll(choice.message);
        choice.texts.forEach((name, text) -> message.put(name, text.isEmpty() ? null : text.toString()));
        if (!choice.tools.isEmpty()) {
            ArrayNode list = message.putArray("tool_calls");
            choice.tools.values().forEach(tool -> list.add(tool.whole()));
        }
        if (choice.functionCall != null) {
            message.set("function_call", choice.functionCall.whole().get("function"));
        }
        return message;
    }
}
