package io.bactrian.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a simulated model, independent of any wire protocol. Immutable.
 *
 * @param tokens the words of a text, each with the white space before it, or the pieces of a tool call's arguments
 * @param tool the name of the called tool; null for a text
 * @param finish the reason for the end of the answer
 * @param promptTokens the estimated number of tokens of the request
 */
record Answer(List<String> tokens, @Nullable String tool, Finish finish, int promptTokens) {

    enum Finish {
        STOP,
        LENGTH,
        TOOL
    }

    Answer {
        tokens = List.copyOf(tokens);
    }

    /** All tokens joined: the whole text, or the whole arguments. */
    String text() {
        return String.join("", tokens);
    }
}
