package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.AnswerChunk;
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
    /** The last chunk that was read as a tree, if it adds nothing but its text when it is added again. */
    private @Nullable ChatChunk textual;
    /** The text that it was added to. */
    private StringBuilder content = new StringBuilder();

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

    /** Reads without a tree a chunk that differs from the one before in its text only, as most chunks of most answers do. */
    @Override
    public void add(AnswerChunk chunk) {
        ChatChunk like = textual;
        if (like != null && chunk instanceof ChatChunk next && next.differsInTextOnly(like)) {
            content.append(next.text());
        } else if (chunk.tree() instanceof ObjectNode tree) {
            add(tree);
            textual = chunk instanceof ChatChunk read && addsTextOnly(tree, read.text()) ? read : null;
            if (textual != null) {
                content = text(choiceAt(tree.at("/choices/0/index")), "content");
            }
        }
    }

    private static boolean addsTextOnly(JsonNode chunk, String text) {
        JsonNode choice = chunk.path("choices").path(0);
        JsonNode delta = choice.path("delta");
        return chunk.path("choices").size() == 1
                && delta.path("content").isTextual()
                && delta.path("content").textValue().equals(text)
                && delta.properties().stream()
                        .allMatch(field -> field.getValue().isNull()
                                || field.getKey().equals("content")
                                || field.getKey().equals("role"))
                && choice.properties().stream()
                        .allMatch(field ->
                                field.getValue().isValueNode() || field.getKey().equals("delta"));
    }

    @Override
    public void add(ObjectNode chunk) {
        textual = null;
        chunk.properties().forEach(field -> {
            switch (field.getKey()) {
                case "choices" -> field.getValue().forEach(this::choice);
                case "usage" -> usage(field.getValue());
                case "x_groq" -> {
                    usage(field.getValue().path("usage"));
                    head.set(field.getKey(), field.getValue());
                }
                case "object", ChatChunk.PADDING -> {}
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

    private Choice choiceAt(JsonNode index) {
        return choices.computeIfAbsent(index.asInt(), i -> new Choice());
    }

    private void choice(JsonNode part) {
        Choice choice = choiceAt(part.path("index"));
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
            text(choice, name).append(value.textValue());
        } else if (value instanceof ArrayNode more && choice.message.get(name) instanceof ArrayNode list) {
            list.addAll(more);
        } else if (!value.isNull()) {
            choice.message.set(name, value);
        }
    }

    private static StringBuilder text(Choice choice, String name) {
        return choice.texts.computeIfAbsent(name, n -> new StringBuilder());
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
        textual = null;
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
