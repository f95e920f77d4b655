package io.bactrian.protocol.translation;

import org.jspecify.annotations.Nullable;

/**
 * The reasons for the end of an answer, in both vocabularies. Both are open sets: an unknown reason is an ordinary end.
 * If the reason of a server contradicts its message, the message counts. Thread-safe.
 */
final class FinishReasons {
    private FinishReasons() {}

    /** The {@code finish_reason} for a {@code stop_reason}. */
    static String chat(@Nullable String stopReason, boolean hasCalls) {
        return switch (stopReason == null ? "" : stopReason) {
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "refusal" -> "content_filter";
            default -> hasCalls ? "tool_calls" : "stop";
        };
    }

    /** The {@code stop_reason} for a {@code finish_reason}. */
    static String messages(@Nullable String finishReason, boolean hasCalls) {
        return switch (finishReason == null ? "" : finishReason) {
            case "length", "model_length" -> "max_tokens";
            case "content_filter" -> "refusal";
            default -> hasCalls ? "tool_use" : "end_turn";
        };
    }
}
