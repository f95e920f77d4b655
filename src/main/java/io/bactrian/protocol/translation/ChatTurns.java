package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The translation of the messages of a Chat Completions request to the turns of a Messages request: instructions come
 * first, roles alternate, and tool results open the turn after their calls. Used once. Not thread-safe.
 */
final class ChatTurns {
    private static final String OPENING = "Begin.";
    private static final String CONTINUATION = "Continue.";

    private final Set<String> dropped;
    private final ChatParts parts;
    private final OpenCalls calls = new OpenCalls();
    private final Set<String> toolNames = new LinkedHashSet<>();
    private final ArrayNode system = ExactJson.array();
    private final ArrayNode turns = ExactJson.array();
    /** The last message if it is an empty one of the user; null if it is not. */
    private @Nullable String emptyEnd;

    ChatTurns(Set<String> dropped) {
        this.dropped = dropped;
        this.parts = new ChatParts(dropped);
    }

    ArrayNode system() {
        return system;
    }

    /** The names of the tools that were called so far. */
    Set<String> toolNames() {
        return toolNames;
    }

    ArrayNode read(JsonNode messages, boolean takesPrefill) {
        if (!messages.isArray() || messages.isEmpty()) {
            throw new Untranslatable.Invalid("There must be at least one message.", "messages");
        }
        for (int i = 0; i < messages.size(); i++) {
            read(messages.get(i), "messages[" + i + "]");
        }
        calls.requireNone("messages");
        if (emptyEnd != null) {
            throw new Untranslatable.Invalid("The message is empty.", emptyEnd);
        }
        if (turns.isEmpty() || !role(turns.get(0)).equals("user")) {
            turns.insert(0, turn("user", TextNode.valueOf(OPENING)));
        }
        JsonNode last = turns.get(turns.size() - 1);
        if (role(last).equals("assistant")) {
            if (takesPrefill) {
                stripEnd((ObjectNode) last);
            } else {
                add("user", TextNode.valueOf(CONTINUATION));
            }
        }
        return turns;
    }

    private void read(JsonNode message, String param) {
        if (ExactJson.has(message, "name") && !role(message).equals("function")) {
            dropped.add(param + ".name");
        }
        switch (role(message)) {
            case "system", "developer" -> system(message, param);
            case "user" -> user(message, param);
            case "assistant" -> assistant(message, param);
            case "tool" -> result(ExactJson.text(message, "tool_call_id", ""), message, param + ".tool_call_id");
            case "function" -> result(legacyId(message), message, param + ".name");
            default -> throw new Untranslatable.Invalid("The message has no known role.", param + ".role");
        }
    }

    private void system(JsonNode message, String param) {
        for (JsonNode block : parts.blocks(message.path("content"), param + ".content")) {
            if (!block.path("type").asText().equals("text")) {
                throw new Untranslatable.Invalid("Instructions must be text.", param + ".content");
            }
            system.add(block);
        }
    }

    private void user(JsonNode message, String param) {
        calls.requireNone(param);
        JsonNode content = message.path("content");
        ArrayNode blocks = parts.blocks(content, param + ".content");
        if (blocks.isEmpty()) {
            dropped.add(param);
            emptyEnd = param + ".content";
            return;
        }
        add("user", content.isTextual() ? content : blocks);
    }

    private void assistant(JsonNode message, String param) {
        calls.requireNone(param);
        if (ExactJson.has(message, "audio")) {
            throw new Untranslatable.Ineligible("audio", "Audio answers are stored only at the vendor that gave them.");
        }
        JsonNode content = message.path("content");
        ArrayNode blocks = parts.blocks(content, param + ".content");
        String refusal = ExactJson.text(message, "refusal", "");
        if (!refusal.isBlank()) {
            blocks.add(ExactJson.textBlock(refusal));
        }
        JsonNode toolCalls = ExactJson.list(message.path("tool_calls"), param + ".tool_calls");
        for (int i = 0; i < toolCalls.size(); i++) {
            blocks.add(call(toolCalls.get(i), param + ".tool_calls[" + i + "]"));
        }
        JsonNode legacy = message.path("function_call");
        if (legacy.isObject()) {
            blocks.add(use(legacyId(legacy), legacy, arguments(legacy), param + ".function_call"));
        }
        if (blocks.isEmpty()) {
            dropped.add(param);
        } else {
            add(
                    "assistant",
                    content.isTextual()
                                    && blocks.size() == 1
                                    && !content.textValue().isBlank()
                            ? content
                            : blocks);
        }
    }

    private ObjectNode call(JsonNode call, String param) {
        String id = ExactJson.text(call, "id", "");
        JsonNode custom = call.path("custom");
        if (custom.isObject()) {
            return use(id, custom, CustomTools.wrap(ExactJson.text(custom, "input", "")), param + ".custom");
        }
        JsonNode function = call.path("function");
        return use(id, function, arguments(function), param + ".function");
    }

    private ObjectNode use(String id, JsonNode named, ObjectNode input, String param) {
        String name = ExactJson.text(named, "name");
        if (name == null) {
            throw new Untranslatable.Invalid("The tool call has no tool name.", param + ".name");
        }
        toolNames.add(name);
        return Blocks.toolUse(calls.open(id), name, input);
    }

    private void result(String original, JsonNode message, String param) {
        String id = calls.answer(original);
        if (id == null) {
            throw new Untranslatable.Invalid("The result belongs to no open tool call.", param);
        }
        JsonNode content = message.path("content");
        ObjectNode result = ExactJson.typed("tool_result").put("tool_use_id", id);
        if (content.isArray()) {
            result.set("content", parts.blocks(content, param));
        } else {
            result.put("content", content.isTextual() ? content.textValue() : "");
        }
        add("user", ExactJson.array().add(result));
    }

    /** The id for a deprecated call, which has none: calls and results are paired by name, in order. */
    private static String legacyId(JsonNode named) {
        return "function:" + ExactJson.text(named, "name", "");
    }

    private static ObjectNode arguments(JsonNode function) {
        return ExactJson.arguments(ChatCalls.argumentsText(function));
    }

    private void add(String role, JsonNode content) {
        emptyEnd = null;
        JsonNode last = turns.isEmpty() ? null : turns.get(turns.size() - 1);
        if (last instanceof ObjectNode same && role(same).equals(role)) {
            ArrayNode blocks = asBlocks(same.path("content"));
            blocks.addAll(asBlocks(content));
            same.set("content", blocks);
        } else {
            turns.add(turn(role, content));
        }
    }

    private static ArrayNode asBlocks(JsonNode content) {
        return content instanceof ArrayNode blocks
                ? blocks
                : ExactJson.array().add(ExactJson.textBlock(content.asText()));
    }

    private static ObjectNode turn(String role, JsonNode content) {
        ObjectNode turn = ExactJson.object().put("role", role);
        turn.set("content", content);
        return turn;
    }

    private static String role(JsonNode message) {
        return ExactJson.text(message, "role", "");
    }

    /** Removes trailing white space, which the API rejects in a text to continue. */
    private static void stripEnd(ObjectNode last) {
        JsonNode content = last.path("content");
        if (content.isTextual()) {
            last.put("content", content.textValue().stripTrailing());
        } else if (content.get(content.size() - 1) instanceof ObjectNode block && block.has("text")) {
            block.put("text", block.path("text").asText().stripTrailing());
        }
    }
}
