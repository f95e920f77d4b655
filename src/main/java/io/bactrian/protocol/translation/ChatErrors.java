package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The errors inside streams of OpenAI-compatible servers, in all their shapes. Thread-safe. */
final class ChatErrors {
    private static final String UNKNOWN = "The provider reported an error.";

    private ChatErrors() {}

    /** The error event for a chunk that has an error; null for any other chunk. */
    static @Nullable MessagesEvent event(JsonNode chunk) {
        JsonNode error = chunk.path("error");
        if (error.isObject()) {
            return event(error, ExactJson.text(error, "message", UNKNOWN));
        }
        if (error.isTextual() && !error.textValue().isEmpty()) {
            return MessagesEvent.error("api_error", error.textValue());
        }
        if ("error".equals(ExactJson.text(chunk, "object"))) {
            return event(chunk, ExactJson.text(chunk, "message", UNKNOWN));
        }
        JsonNode groq = chunk.path("x_groq").path("error");
        if (groq.isTextual()) {
            return MessagesEvent.error(type(groq.textValue()), groq.textValue());
        }
        return "error".equals(ExactJson.text(chunk.path("choices").path(0), "finish_reason"))
                ? MessagesEvent.error("api_error", UNKNOWN)
                : null;
    }

    private static MessagesEvent event(JsonNode error, String message) {
        int status = error.path("status_code").asInt(error.path("code").asInt(0));
        String words = ExactJson.text(error, "code", "") + ' ' + ExactJson.text(error, "type", "");
        String byWords = type(words);
        return MessagesEvent.error(byWords.equals("api_error") ? type(status) : byWords, message);
    }

    private static String type(String words) {
        String lower = words.toLowerCase(Locale.ROOT);
        if (lower.contains("rate_limit") || lower.contains("slow_down")) {
            return "rate_limit_error";
        }
        if (lower.contains("overloaded") || lower.contains("over_capacity") || lower.contains("unavailable")) {
            return "overloaded_error";
        }
        if (lower.contains("quota") || lower.contains("credit") || lower.contains("spend_limit")) {
            return "billing_error";
        }
        if (lower.contains("invalid_api_key") || lower.contains("authentication")) {
            return "authentication_error";
        }
        if (lower.contains("model_not_found")) {
            return "not_found_error";
        }
        boolean refused = lower.contains("invalid_request")
                || lower.contains("context_length")
                || lower.contains("content_filter")
                || lower.contains("content_policy");
        return refused ? "invalid_request_error" : "api_error";
    }

    private static String type(int status) {
        return switch (status) {
            case 400, 422 -> "invalid_request_error";
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 408, 504 -> "timeout_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 498, 503, 529 -> "overloaded_error";
            default -> "api_error";
        };
    }
}
