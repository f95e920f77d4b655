package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * The rewriting of requests that say the same in a form which fewer targets refuse. The protocol stays; the given request is
 * changed. Thread-safe.
 */
public final class OtherForms {
    private OtherForms() {}

    /** Makes developers' messages the system's, which is the older name of their role. */
    public static void systemRoles(ObjectNode chat) {
        for (JsonNode message : chat.path("messages")) {
            if (isFrom(message, "developer")) {
                ((ObjectNode) message).put("role", "system");
            }
        }
    }

    /** Makes one message of all instructions of a Chat Completions request, and the first one. */
    public static void leadingInstructions(ObjectNode chat) {
        ArrayNode others = ExactJson.array();
        ArrayNode parts = ExactJson.array();
        String role = "";
        for (JsonNode message : chat.path("messages")) {
            if (isInstruction(message)) {
                role = role.isEmpty() ? ExactJson.text(message, "role", "system") : role;
                addParts(message.path("content"), parts);
            } else {
                others.add(message);
            }
        }
        if (parts.isEmpty() || isAnswer(others)) {
            return;
        }
        ObjectNode first = ExactJson.object().put("role", role);
        String text = text(parts, "\n\n");
        if (text != null) {
            first.put("content", text);
        } else {
            first.set("content", parts);
        }
        others.insert(0, first);
        chat.set("messages", others);
    }

    /** Moves the instructions among the messages of a Messages request to its field for them. */
    public static void systemField(ObjectNode messages) {
        ArrayNode others = ExactJson.array();
        ArrayNode parts = ExactJson.array();
        addParts(messages.path("system"), parts);
        int before = parts.size();
        for (JsonNode message : messages.path("messages")) {
            if (isInstruction(message)) {
                addParts(message.path("content"), parts);
            } else {
                others.add(message);
            }
        }
        if (parts.size() > before && !others.isEmpty() && !isAnswer(others)) {
            messages.set("system", parts);
            messages.set("messages", others);
        }
    }

    /** Makes one text of every content that is a list of texts. */
    public static void singleTexts(ObjectNode chat) {
        for (JsonNode message : chat.path("messages")) {
            if (message.path("content") instanceof ArrayNode parts && !parts.isEmpty()) {
                String text = text(parts, "\n");
                if (text != null) {
                    ((ObjectNode) message).put("content", text);
                }
            }
        }
    }

    /** Makes an empty object of the arguments of calls that have none. */
    public static void emptyObjects(ObjectNode chat) {
        for (JsonNode message : chat.path("messages")) {
            for (JsonNode call : message.path("tool_calls")) {
                JsonNode arguments = call.path("function").path("arguments");
                if (call.path("function") instanceof ObjectNode function
                        && !arguments.isContainerNode()
                        && arguments.asText().isBlank()) {
                    function.put("arguments", "{}");
                }
            }
        }
    }

    /** Leaves the reasoning out of the content of earlier answers, in either protocol. */
    public static void withoutReasoning(ObjectNode request, Set<String> dropped) {
        for (JsonNode message : request.path("messages")) {
            if (message.path("content") instanceof ArrayNode parts) {
                ArrayNode left = ExactJson.array();
                for (JsonNode part : parts) {
                    if (!isReasoning(part)) {
                        left.add(part);
                    }
                }
                if (!left.isEmpty() && left.size() < parts.size()) {
                    dropped.add("thinking blocks");
                    ((ObjectNode) message).set("content", left);
                }
            }
        }
    }

    private static boolean isReasoning(JsonNode part) {
        return switch (ExactJson.text(part, "type", "")) {
            case "thinking", "redacted_thinking", "reasoning" -> true;
            default -> false;
        };
    }

    private static boolean isInstruction(JsonNode message) {
        return isFrom(message, "system") || isFrom(message, "developer");
    }

    private static boolean isFrom(JsonNode message, String role) {
        return ExactJson.text(message, "role", "").equals(role);
    }

    /** True if an answer comes last, which many models would continue. */
    private static boolean isAnswer(ArrayNode messages) {
        return messages.isEmpty() || isFrom(messages.get(messages.size() - 1), "assistant");
    }

    private static void addParts(JsonNode content, ArrayNode to) {
        if (content.isTextual()) {
            to.add(ExactJson.textBlock(content.textValue()));
        } else if (content.isArray()) {
            to.addAll((ArrayNode) content);
        }
    }

    /** The texts in one; null if the parts hold anything else. */
    private static @Nullable String text(ArrayNode parts, String between) {
        StringJoiner text = new StringJoiner(between);
        for (JsonNode part : parts) {
            String one = ExactJson.text(part, "type", "").equals("text") ? ExactJson.text(part, "text") : null;
            if (one == null) {
                return null;
            }
            text.add(one);
        }
        return text.toString();
    }
}
