package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.translation.Ending;
import org.jspecify.annotations.Nullable;

/** The failures that a finish reason may stand for, in any vendor's word, and the words that are no reason. Stateless. */
public final class FinishFailures {
    private FinishFailures() {}

    /**
     * The class of failure of an answer that ended with this reason; null for the end of a usable answer.
     *
     * @param said whether the answer has any content; without it, an unknown reason is no end of an answer
     */
    public static @Nullable FailureClass of(@Nullable String reason, boolean said) {
        return switch (Ending.of(reason)) {
            case FILTER -> FailureClass.CONTENT_POLICY;
            case OVERLOAD -> FailureClass.OVERLOADED;
            case FAILURE -> FailureClass.INVALID_RESPONSE;
            case WINDOW -> said ? null : FailureClass.CONTEXT_LENGTH;
            case UNKNOWN -> said ? null : FailureClass.INVALID_RESPONSE;
            case NONE, STOP, LENGTH, TOOLS -> null;
        };
    }

    /** Whether the reason announces tool calls, which an answer without any content does not have. */
    public static boolean announcesCalls(String reason) {
        return Ending.of(reason) == Ending.TOOLS;
    }

    /** Whether an answer with this reason has ended in the ordinary way, or at a limit, and may be stored. */
    public static boolean isWhole(String reason) {
        return switch (Ending.of(reason)) {
            case STOP, LENGTH, WINDOW, TOOLS -> true;
            case NONE, FILTER, OVERLOAD, FAILURE, UNKNOWN -> false;
        };
    }

    /** The reason in a word; empty if it is none. */
    public static String reason(String word) {
        return isNone(word) ? "" : word;
    }

    /** The reason in the field of a chunk; empty if there is none. */
    public static String reason(JsonNode field) {
        return field.isTextual() ? reason(field.textValue()) : "";
    }

    /** The reason in the field of a whole answer: {@code stop} if the field is missing, empty if it is no word or one for nothing. */
    public static String ofDocument(JsonNode field) {
        return field.isMissingNode() || field.isTextual() ? reason(field.asText("stop")) : "";
    }

    /** Whether a word stands in the place of a reason but is none, such as {@code null} as a text. */
    public static boolean isNone(String reason) {
        return Ending.of(reason) == Ending.NONE;
    }
}
