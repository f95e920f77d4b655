package io.bactrian.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer of a stubbed model, in no protocol yet.
 *
 * @param finish in OpenAI's words: stop, length, tool_calls, content_filter
 */
record ModelAnswer(String id, String model, String text, List<Tool> tools, String finish, int promptTokens) {

    record Tool(String id, String name, String arguments) {}

    /** One token of a stream.
     *
     * @param before events that must have come before it, such as the opening of a tool call
     */
    record Piece(List<String> before, String event) {}

    int completionTokens() {
        return words(text).size()
                + tools.stream().mapToInt(t -> pieces(t.arguments()).size()).sum();
    }

    /** The text in words, each with the white space before it. */
    static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split("(?<=\\S)(?=\\s)"));
    }

    /** A tool's arguments in pieces of up to eight characters. */
    static List<String> pieces(String arguments) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < arguments.length(); i += 8) {
            pieces.add(arguments.substring(i, Math.min(arguments.length(), i + 8)));
        }
        return pieces;
    }
}
