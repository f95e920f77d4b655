package io.bactrian.provider.failure;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.Capability;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A reader of refusals of a form: the request says what it means in a way that the target does not know, and there is another one.
 * Stateless.
 */
final class RefusedForms {
    /** DeepSeek, Groq and OpenAI name the role; chat templates (vLLM, llama.cpp) only say that one was not expected. */
    private static final Pattern DEVELOPER =
            Pattern.compile("\\bdeveloper\\b|unexpected (message )?role|unknown role|invalid role");

    /** Qwen's and Mistral's templates want instructions in front; Anthropic's older models have no such role at all. */
    private static final Pattern PLACE_OF_SYSTEM =
            Pattern.compile("\\bsystem\\b.{0,80}\\b(first|begin\\w*|start|top.?level|only one|at index 0|\\broles?)\\b"
                    + "|\\b(first|begin\\w*|start|only one|top.?level|\\broles?)\\b.{0,80}\\bsystem\\b");

    private static final Pattern ONE_TEXT = Pattern.compile(
            "string_type|\\b(must|should|expected|expects?|requires?|only|valid)\\b.{0,40}?\\b(a|valid|as|type)?\\W*(string|str)\\b|\\b(sequence|array|list|slice)\\b.{0,80}?\\b(string|str)\\b|not"
                    + " a string");

    /** MiniMax: "invalid function arguments json string"; Python servers: "Expecting value: line 1 column 1 (char 0)". */
    private static final Pattern ARGUMENTS = Pattern.compile(
            "\\barguments\\b.{0,60}?\\b(json|pars\\w+|empty|object|dict\\w*|valid)\\b|\\b(json|pars\\w+|empty|invalid)\\b.{0,60}?\\barguments\\b|expecting"
                    + " value|end of (json )?input|eof while parsing");

    private static final Pattern REASONING = Pattern.compile("\\bsignature\\b|redacted_thinking"
            + "|\\b(thinking|reasoning)\\W{0,3} (blocks?|parts?|content|items?)\\b"
            + "|\\b(variant|type|value|tag|part|block)\\W{0,4}(is )?\\W?(thinking|reasoning|redacted)");

    /** Anthropic: "Expected `thinking` or `redacted_thinking`, but found `tool_use`." */
    private static final Pattern REASONING_WANTED =
            Pattern.compile("expected\\W+(thinking|redacted_thinking)\\b|must start with a thinking block");

    private RefusedForms() {}

    /** The form that the words refuse and the request has; null if there is none. */
    static @Nullable Capability of(String words, JsonNode sent) {
        JsonNode messages = sent.path("messages");
        if (DEVELOPER.matcher(words).find() && any(messages, message -> hasRole(message, "developer"))) {
            return Capability.DEVELOPER_ROLE;
        }
        if (PLACE_OF_SYSTEM.matcher(words).find() && hasLateInstructions(sent)) {
            return Capability.LATE_INSTRUCTIONS;
        }
        if (words.contains("content") && ONE_TEXT.matcher(words).find() && any(messages, RefusedForms::isTextInParts)) {
            return Capability.TEXT_PARTS;
        }
        if (ARGUMENTS.matcher(words).find() && any(messages, RefusedForms::hasEmptyArguments)) {
            return Capability.EMPTY_ARGUMENTS;
        }
        if (REASONING.matcher(words).find() && any(messages, RefusedForms::hasReasoning)) {
            return Capability.FOREIGN_REASONING;
        }
        return null;
    }

    /** Whether the target wants reasoning in the history, which an answer of another model has not. */
    static boolean wantReasoning(String words) {
        return REASONING_WANTED.matcher(words).find();
    }

    private static boolean any(JsonNode items, Predicate<JsonNode> test) {
        for (JsonNode item : items) {
            if (test.test(item)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasRole(JsonNode message, String role) {
        return message.path("role").asText().equals(role);
    }

    private static boolean hasLateInstructions(JsonNode sent) {
        boolean first = !sent.has("system");
        for (JsonNode message : sent.path("messages")) {
            if (!first && (hasRole(message, "system") || hasRole(message, "developer"))) {
                return true;
            }
            first = false;
        }
        return false;
    }

    private static boolean isTextInParts(JsonNode message) {
        JsonNode content = message.path("content");
        return content.isArray()
                && !content.isEmpty()
                && !any(content, part -> !part.path("type").asText().equals("text"));
    }

    private static boolean hasEmptyArguments(JsonNode message) {
        return any(message.path("tool_calls"), call -> {
            JsonNode arguments = call.path("function").path("arguments");
            return call.has("function") && (arguments.asText().isBlank() && !arguments.isContainerNode());
        });
    }

    private static boolean hasReasoning(JsonNode message) {
        return any(message.path("content"), part -> switch (part.path("type").asText()) {
            case "thinking", "redacted_thinking", "reasoning" -> true;
            default -> false;
        });
    }
}
