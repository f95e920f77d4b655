package io.bactrian.demo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a simulated model says, in no protocol. Immutable.
 *
 * @param tokens the words of a text, each with the white space before it, or the pieces of a tool's arguments
 * @param tool the name of the tool that is called, null for a text
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

    /** The whole text, or the whole arguments. */
    String text() {
        return String.join("", tokens);
    }
}
