package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The leaving out of fields that a target refused by name, in either protocol. A member is left out at any depth of its field, but
 * not inside the arguments and schemas of tools, which are the caller's own. Thread-safe.
 */
public final class LeftOut {
    /** The values of these may be any JSON. */
    private static final Set<String> OF_ANY_JSON = Set.of("arguments", "input", "input_schema", "parameters", "schema");

    /** Left out only where they say nothing. */
    private static final Set<String> NEEDED = Set.of("audio", "function_call", "tool_calls");

    /** Members of a message itself that have another meaning inside of it. */
    private static final Set<String> OF_A_MESSAGE = Set.of(
            "container",
            "context_management",
            "created",
            "created_at",
            "id",
            "logprobs",
            "metadata",
            "model",
            "object",
            "reasoning",
            "status",
            "thinking",
            "timestamp",
            "type",
            "usage");

    private LeftOut() {}

    /**
     * Leaves out fields of a request.
     *
     * @param request is changed
     * @param fields {@code field}, or {@code field.member}; others have no effect
     * @param dropped receives those that said something
     */
    public static void of(ObjectNode request, Set<String> fields, Set<String> dropped) {
        for (String field : fields) {
            int dot = field.indexOf('.');
            if (dot < 0) {
                top(request, field, dropped);
            } else {
                JsonNode root = request.path(field.substring(0, dot));
                if (members(root, field.substring(dot + 1))) {
                    dropped.add(field);
                }
                if (root.isObject() && root.isEmpty()) {
                    request.remove(field.substring(0, dot));
                }
            }
        }
    }

    /** The other name of a limit of the answer, under which it is sent if its own is refused; the same name for other fields. */
    public static String otherName(String field) {
        return switch (field) {
            case "max_tokens" -> "max_completion_tokens";
            case "max_completion_tokens" -> "max_tokens";
            default -> field;
        };
    }

    private static void top(ObjectNode request, String field, Set<String> dropped) {
        JsonNode value = request.remove(field);
        String other = otherName(field);
        if (value == null) {
            return;
        }
        if (!other.equals(field)) {
            if (!request.has(other)) {
                request.set(other, value);
            }
        } else if (!isEmpty(value)) {
            dropped.add(field);
        }
    }

    /** Leaves out a member wherever it is; returns whether it said something. */
    private static boolean members(JsonNode node, String name) {
        boolean said = false;
        if (node instanceof ObjectNode object) {
            said = member(object, name);
            List<String> inside = new ArrayList<>();
            object.fieldNames().forEachRemaining(inside::add);
            inside.removeAll(OF_ANY_JSON);
            for (String one : inside) {
                said |= members(object.path(one), name);
            }
        } else {
            for (JsonNode item : node) {
                said |= members(item, name);
            }
        }
        return said;
    }

    private static boolean member(ObjectNode object, String name) {
        JsonNode value = object.get(name);
        boolean empty = value == null || isEmpty(value);
        if (value == null || (!empty && isNeeded(object, name))) {
            return false;
        }
        object.remove(name);
        if (name.equals("refusal") && value.isTextual() && !ExactJson.has(object, "content")) {
            object.set("content", value);
            return false;
        }
        return !empty;
    }

    private static boolean isNeeded(ObjectNode object, String name) {
        String role = ExactJson.text(object, "role", "");
        return switch (name) {
            // The name of a tool is needed, and so is that of a function's result; the name of a speaker is not.
            case "name" -> !role.matches("system|developer|user|assistant|tool");
            // Of an answer's text they are its sources; of a document they ask for them.
            case "citations" -> !ExactJson.text(object, "type", "").equals("text");
            case "detail" -> !ExactJson.has(object, "url");
            default -> NEEDED.contains(name) || (OF_A_MESSAGE.contains(name) && role.isEmpty());
        };
    }

    private static boolean isEmpty(JsonNode value) {
        return value.isNull() || (value.isContainerNode() && value.isEmpty());
    }
}
