package io.bactrian.protocol.translation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * A piece of a tool call in an answer of Chat Completions, as servers of every kind send it. Immutable.
 *
 * @param index the place that it names, negative if it names none
 * @param id empty if it has none
 * @param type empty if it has none
 * @param name the name of the tool, empty if it has none
 * @param text the piece of the arguments, or of the input of a custom tool; empty if it has none
 */
public record CallPiece(int index, String id, String type, String name, String text) {
    /** The type of a tool that takes free text instead of JSON. */
    public static final String CUSTOM = "custom";

    public static final String FUNCTION = "function";

    /** What languages write for a value that is missing. */
    private static final Set<String> NOTHING = Set.of("", "null", "None", "nil", "undefined");

    /** Reads an entry of {@code tool_calls}. Some servers leave out the object of the function around name and arguments. */
    public static CallPiece of(JsonNode entry) {
        boolean custom = entry.path(CUSTOM).isObject();
        JsonNode called = custom ? entry.path(CUSTOM) : entry.path(FUNCTION);
        JsonNode body = called.isObject() ? called : entry;
        return new CallPiece(
                index(entry.path("index")),
                word(entry, "id"),
                custom ? CUSTOM : word(entry, "type").equals(FUNCTION) ? FUNCTION : "",
                word(body, "name"),
                custom ? text(body.path("input")) : text(body.path("arguments")));
    }

    /** Reads the {@code function_call} of old, which has neither id nor index. */
    public static CallPiece ofFunction(JsonNode function) {
        return new CallPiece(-1, "", "", word(function, "name"), text(function.path("arguments")));
    }

    public boolean isCustom() {
        return type.equals(CUSTOM);
    }

    /**
     * The beginning of a call's arguments as it is meant: some servers write {@code null} for none, or the JSON text as a JSON
     * string.
     */
    public static String beginning(String text) {
        if (saysNothing(text)) {
            return "";
        }
        return isQuoted(text) ? ExactJson.unquoted(text) : text;
    }

    /** Whether arguments that begin with this text are in no need of {@link #beginning}. */
    public static boolean isPlainBeginning(String text) {
        return text.isEmpty() || !(saysNothing(text) || isQuoted(text));
    }

    private static boolean isQuoted(String text) {
        return text.length() > 1 && text.charAt(0) == '"' && text.charAt(text.length() - 1) == '"';
    }

    /** Whether a text stands for a value that is missing. */
    public static boolean saysNothing(String text) {
        return NOTHING.contains(text);
    }

    private static int index(JsonNode index) {
        if (index.isTextual()) {
            String digits = index.textValue();
            return digits.matches("[0-9]{1,6}") ? Integer.parseInt(digits) : -1;
        }
        return index.isNumber() && index.canConvertToInt() ? index.intValue() : -1;
    }

    private static String word(JsonNode node, String field) {
        JsonNode value = node.path(field);
        String word = value.isTextual() || value.isIntegralNumber() ? value.asText() : "";
        return saysNothing(word) ? "" : word;
    }

    /** Arguments as text; some servers send the object itself, and those in PHP a list for an object without fields. */
    private static String text(JsonNode value) {
        if (value.isArray() && value.isEmpty()) {
            return "{}";
        }
        return value.isTextual() ? value.textValue() : value.isNull() || value.isMissingNode() ? "" : value.toString();
    }
}
