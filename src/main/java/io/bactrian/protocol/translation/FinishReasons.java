package io.bactrian.protocol.translation;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The reasons for the end of an answer, in both vocabularies. Both are open sets: an unknown reason is passed on as it is,
 * because it may be no ordinary end; so is one that means a failure, for the classifier. If the reason of a
 * server contradicts its message, the message counts. Thread-safe.
 */
public final class FinishReasons {
    private static final Set<String> CHAT = Set.of("stop", "length", "tool_calls", "content_filter", "function_call");
    private static final Set<String> MESSAGES = Set.of(
            "end_turn",
            "max_tokens",
            "stop_sequence",
            "tool_use",
            "pause_turn",
            "refusal",
            "model_context_window_exceeded");

    private FinishReasons() {}

    /** True if a reason is a word of Chat Completions itself. */
    public static boolean isChat(String reason) {
        return CHAT.contains(reason);
    }

    /** True if a reason is a word of Messages itself. */
    public static boolean isMessages(String reason) {
        return MESSAGES.contains(reason);
    }

    /** The {@code finish_reason} for a reason in any vendor's word. */
    static String chat(@Nullable String reason, boolean hasCalls) {
        return chat(reason, hasCalls, true);
    }

    /**
     * The {@code finish_reason} for a reason in any vendor's word.
     *
     * @param said whether the answer has any content; without it a full context window is a failure, and keeps its word, and
     *     so does the announcement of calls
     */
    public static String chat(@Nullable String reason, boolean hasCalls, boolean said) {
        String word = reason == null ? "" : reason;
        return switch (Ending.of(word)) {
            case LENGTH -> "length";
            case WINDOW -> said ? "length" : word;
            case FILTER -> "content_filter";
            case FAILURE, OVERLOAD -> word;
            case UNKNOWN -> hasCalls ? "tool_calls" : word;
            case TOOLS -> hasCalls || !said ? "tool_calls" : "stop";
            case NONE, STOP -> hasCalls ? "tool_calls" : "stop";
        };
    }

    /** The {@code stop_reason} for a reason in any vendor's word. */
    public static String messages(@Nullable String reason, boolean hasCalls) {
        String word = reason == null ? "" : reason;
        return switch (Ending.of(word)) {
            case LENGTH -> "max_tokens";
            case WINDOW -> "model_context_window_exceeded";
            case FILTER -> "refusal";
            case FAILURE, OVERLOAD -> word;
            case UNKNOWN -> hasCalls ? "tool_use" : word;
            case NONE, STOP, TOOLS -> hasCalls ? "tool_use" : "end_turn";
        };
    }
}
