package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translation of the system text and the messages of a Messages request to the messages of a Chat Completions
 * request: tool results become messages of their own, before the user's text beside them. Used once. Not thread-safe.
 */
final class MessagesTurns {
    private final Set<String> dropped;
    private final MessagesBlocks blocks;
    private final OpenCalls calls = new OpenCalls();
    private final ArrayNode messages = ExactJson.array();
    /** The last turn if it is an empty one of the user; null if it is not. */
    private @Nullable String emptyEnd;

    MessagesTurns(Set<String> dropped) {
        this.dropped = dropped;
        this.blocks = new MessagesBlocks(dropped);
    }

    ArrayNode read(JsonNode system, JsonNode turns) {
        if (!turns.isArray() || turns.isEmpty()) {
            throw new Untranslatable.Invalid("There must be at least one message.", "messages");
        }
        system(system, "system");
        int next = 0;
        while (next < turns.size()) {
            next = turn(turns, next);
        }
        calls.requireNone("messages");
        if (emptyEnd != null) {
            throw new Untranslatable.Invalid("The message is empty.", emptyEnd);
        }
        return messages;
    }

    /** Reads consecutive messages of one role, which the API takes as one turn; returns the index of the next turn. */
    private int turn(JsonNode turns, int first) {
        String role = ExactJson.text(turns.get(first), "role", "");
        int next = first;
        ArrayNode content = ExactJson.array();
        do {
            append(turns.get(next).path("content"), content, param(next));
            next++;
        } while (next < turns.size()
                && ExactJson.text(turns.get(next), "role", "").equals(role));
        String param = param(next - 1);
        switch (role) {
            case "user" -> user(content, param);
            case "assistant" -> assistant(content, param);
            case "system" -> system(content, param);
            default -> throw new Untranslatable.Invalid("The message has no known role.", param + ".role");
        }
        return next;
    }

    private static String param(int message) {
        return "messages[" + message + "]";
    }

    private static void append(JsonNode content, ArrayNode to, String param) {
        if (content.isTextual()) {
            to.add(ExactJson.textBlock(content.textValue()));
        } else if (content.isArray()) {
            to.addAll((ArrayNode) content);
        } else {
            throw new Untranslatable.Invalid("The content must be a text or a list of blocks.", param + ".content");
        }
    }

    private void system(JsonNode content, String param) {
        String text = blocks.text(content, "\n\n", param);
        if (!text.isEmpty()) {
            messages.addObject().put("role", "system").put("content", text);
        }
    }

    private void user(ArrayNode content, String param) {
        ArrayNode parts = ExactJson.array();
        ArrayNode userParts = ExactJson.array();
        for (JsonNode block : content) {
            if (type(block).equals("tool_result")) {
                parts.addAll(result(block, param + ".content"));
            } else {
                userParts.add(blocks.part(block, param + ".content"));
            }
        }
        parts.addAll(userParts);
        calls.requireNone(param);
        if (parts.size() == 1 && type(parts.get(0)).equals("text")) {
            message("user").set("content", parts.get(0).get("text"));
        } else if (!parts.isEmpty()) {
            message("user").set("content", parts);
        } else if (content.isEmpty()) {
            dropped.add(param);
            emptyEnd = param + ".content";
        }
    }

    /** Writes the message of a tool; returns the images that it cannot hold. */
    private ArrayNode result(JsonNode block, String param) {
        blocks.note(block);
        String id = calls.answer(ExactJson.text(block, "tool_use_id", ""));
        if (id == null) {
            throw new Untranslatable.Invalid("The result belongs to no open tool call.", param);
        }
        ResultContent content = ResultContent.read(block.path("content"), id, blocks, param);
        boolean failed = block.path("is_error").asBoolean(false);
        message("tool").put("tool_call_id", id).put("content", failed ? "Error: " + content.text() : content.text());
        return content.images();
    }

    private void assistant(ArrayNode content, String param) {
        calls.requireNone(param);
        StringBuilder text = new StringBuilder();
        ArrayNode toolCalls = ExactJson.array();
        for (JsonNode block : content) {
            switch (type(block)) {
                case "thinking", "redacted_thinking" -> dropped.add("thinking blocks");
                case "tool_use" -> toolCalls.add(call(block, param));
                default -> text.append(blocks.text(ExactJson.array().add(block), "", param + ".content"));
            }
        }
        if (text.isEmpty() && toolCalls.isEmpty()) {
            return;
        }
        ObjectNode message = message("assistant");
        if (text.isEmpty()) {
            message.putNull("content");
        } else {
            message.put("content", text.toString());
        }
        if (!toolCalls.isEmpty()) {
            message.set("tool_calls", toolCalls);
        }
    }

    private ObjectNode call(JsonNode block, String param) {
        blocks.note(block);
        String name = ExactJson.text(block, "name");
        if (name == null) {
            throw new Untranslatable.Invalid("The tool call has no tool name.", param + ".content");
        }
        return ChatCalls.function(calls.open(ExactJson.text(block, "id", "")), name, ChatCalls.arguments(block));
    }

    private ObjectNode message(String role) {
        emptyEnd = null;
        return messages.addObject().put("role", role);
    }

    private static String type(JsonNode block) {
        return ExactJson.text(block, "type", "");
    }
}
