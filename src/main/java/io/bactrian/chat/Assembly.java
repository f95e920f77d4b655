package io.bactrian.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts the chunks of a stream together to the document that the same request without a stream would have got. Text is joined,
 * tool calls by their index, lists are appended, of everything else the last word counts; fields nobody here knows included.
 * Not thread-safe.
 */
public final class Assembly {
    private final ObjectNode head = Json.MAPPER.createObjectNode();
    private final Map<Integer, Choice> choices = new TreeMap<>();
    private @Nullable JsonNode usage;

    private static final class Choice {
        final ObjectNode message = Json.MAPPER.createObjectNode();
        final ObjectNode rest = Json.MAPPER.createObjectNode();
        final Map<String, StringBuilder> texts = new TreeMap<>();
        final Map<Integer, ToolCall> tools = new TreeMap<>();
    }

    private static final class ToolCall {
        final ObjectNode call = Json.MAPPER.createObjectNode();
        final StringBuilder pieces = new StringBuilder();
    }

    /** Adds the next chunk. */
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
                    if (!field.getValue().isNull()
                            && !field.getValue().asText(" ").isEmpty()) {
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
            value.forEach(part -> toolCall(choice, part));
        } else if (name.equals("role")) {
            choice.message.set(name, value);
        } else if (value.isTextual()) {
            choice.texts.computeIfAbsent(name, n -> new StringBuilder()).append(value.textValue());
        } else if (value instanceof ArrayNode more && choice.message.get(name) instanceof ArrayNode list) {
            list.addAll(more);
        } else if (!value.isNull()) {
            choice.message.set(name, value);
        }
    }

    private static void toolCall(Choice choice, JsonNode part) {
        ToolCall tool = choice.tools.computeIfAbsent(toolIndex(choice, part), i -> new ToolCall());
        part.properties().forEach(field -> {
            switch (field.getKey()) {
                case "index" -> {}
                case "function", "custom" -> pieces(tool, field.getKey(), field.getValue());
                default -> tool.call.set(field.getKey(), field.getValue());
            }
        });
    }

    /** Some servers leave the index out, or repeat it: a new id opens a new call. */
    private static int toolIndex(Choice choice, JsonNode part) {
        String id = part.path("id").asText("");
        int index = part.path("index").asInt(id.isEmpty() ? Math.max(0, choice.tools.size() - 1) : choice.tools.size());
        ToolCall open = choice.tools.get(index);
        boolean another =
                open != null && !id.isEmpty() && !id.equals(open.call.path("id").asText(id));
        return another ? choice.tools.size() : index;
    }

    private static void pieces(ToolCall tool, String kind, JsonNode part) {
        String text = kind.equals("function") ? "arguments" : "input";
        part.properties().forEach(field -> {
            if (field.getKey().equals(text)) {
                tool.pieces.append(field.getValue().asText(""));
                tool.call.withObject("/" + kind).put(text, tool.pieces.toString());
            } else {
                tool.call.withObject("/" + kind).set(field.getKey(), field.getValue());
            }
        });
    }

    /** The document of all that has come. */
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
        boolean silent = content == null || (content.isEmpty() && !choice.tools.isEmpty());
        message.put("content", silent ? null : content.toString());
        message.putNull("refusal");
        message.setAll(choice.message);
        choice.texts.forEach((name, text) -> message.put(name, text.isEmpty() ? null : text.toString()));
        Iterator<ToolCall> tools = choice.tools.values().iterator();
        if (tools.hasNext()) {
            ArrayNode list = message.putArray("tool_calls");
            tools.forEachRemaining(tool -> list.add(tool.call));
        }
        return message;
    }
}
