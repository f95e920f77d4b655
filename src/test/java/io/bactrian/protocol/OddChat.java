package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A server of Chat Completions that writes its answers in its own way. Immutable.
 *
 * @param content how it writes text
 * @param ids how it names calls
 * @param indexes how it numbers calls
 * @param names when it names the tool
 * @param types whether it writes the type of a call
 * @param arguments how it writes arguments
 */
record OddChat(Content content, Ids ids, Indexes indexes, Names names, Types types, Arguments arguments) {
    /** A server that keeps to the protocol. */
    static final OddChat ORDINARY =
            new OddChat(Content.TEXT, Ids.ONCE, Indexes.RIGHT, Names.ONCE, Types.RIGHT, Arguments.PIECES);

    enum Content {
        TEXT,
        PARTS,
        OBJECT,
        TEXTS_IN_A_LIST,
        THOUGHTS_FIRST
    }

    enum Ids {
        ONCE,
        REPEATED,
        EMPTY,
        NULL,
        WORD_NULL,
        MISSING,
        CHANGING,
        THE_SAME
    }

    enum Indexes {
        RIGHT,
        MISSING,
        ZERO,
        TEXT,
        GAPS
    }

    enum Names {
        ONCE,
        REPEATED,
        LATE
    }

    enum Types {
        RIGHT,
        MISSING,
        EMPTY
    }

    enum Arguments {
        PIECES,
        WHOLE,
        OBJECT,
        ONE_LIST,
        AFTER_EMPTY_OBJECT
    }

    /** Whether its answers can be understood at all: something has to tell two calls apart. */
    boolean isUnderstood() {
        boolean nameless = names == Names.LATE && arguments == Arguments.ONE_LIST;
        boolean numbered = indexes == Indexes.RIGHT || indexes == Indexes.TEXT || indexes == Indexes.GAPS;
        boolean named = ids == Ids.ONCE || ids == Ids.REPEATED || ids == Ids.CHANGING;
        boolean placeholder =
                arguments == Arguments.AFTER_EMPTY_OBJECT && (names == Names.REPEATED || ids == Ids.CHANGING);
        return !nameless && !placeholder && (names != Names.LATE || numbered || named);
    }

    /** The chunks of an answer. */
    List<ObjectNode> chunks(List<Said> answer) {
        List<ObjectNode> chunks = new ArrayList<>();
        chunks.add(chunk(Json.MAPPER.createObjectNode().put("role", "assistant"), null));
        ArrayNode list = Json.MAPPER.createArrayNode();
        int number = 0;
        for (Said said : answer) {
            if (said.tool() == null) {
                say(said.text(), chunks);
            } else {
                for (ObjectNode piece : pieces(said, number)) {
                    list.add(piece);
                    if (arguments != Arguments.ONE_LIST) {
                        chunks.add(calls(list));
                        list = Json.MAPPER.createArrayNode();
                    }
                }
                number++;
            }
        }
        if (!list.isEmpty()) {
            chunks.add(calls(list));
        }
        chunks.add(chunk(Json.MAPPER.createObjectNode(), number == 0 ? "stop" : "tool_calls"));
        return chunks;
    }

    private void say(String text, List<ObjectNode> chunks) {
        int middle = text.length() / 2;
        for (String piece : List.of(text.substring(0, middle), text.substring(middle))) {
            ObjectNode delta = Json.MAPPER.createObjectNode();
            switch (content) {
                case TEXT -> delta.put("content", piece);
                case PARTS ->
                    delta.putArray("content").addObject().put("type", "text").put("text", piece);
                case OBJECT -> delta.putObject("content").put("text", piece);
                case TEXTS_IN_A_LIST -> delta.putArray("content").add(piece);
                case THOUGHTS_FIRST -> {
                    ArrayNode parts = delta.putArray("content");
                    parts.addObject()
                            .put("type", "thinking")
                            .putArray("thinking")
                            .addObject()
                            .put("type", "text")
                            .put("text", "hm");
                    parts.addObject().put("type", "text").put("text", piece);
                }
            }
            chunks.add(chunk(delta, null));
        }
    }

    private List<ObjectNode> pieces(Said call, int number) {
        String input = String.valueOf(call.input());
        int middle = input.length() / 2;
        List<ObjectNode> pieces = new ArrayList<>();
        if (names == Names.LATE) {
            pieces.add(entry(number, 0, null, Json.MAPPER.getNodeFactory().textNode("")));
        }
        if (arguments == Arguments.WHOLE || arguments == Arguments.ONE_LIST) {
            pieces.add(entry(number, pieces.size(), call.tool(), text(input)));
        } else if (arguments == Arguments.OBJECT) {
            pieces.add(entry(number, pieces.size(), call.tool(), call.input()));
        } else {
            String first = arguments == Arguments.AFTER_EMPTY_OBJECT ? "{}" : "";
            pieces.add(entry(number, pieces.size(), call.tool(), text(first)));
            String again = names == Names.REPEATED ? call.tool() : null;
            pieces.add(entry(number, pieces.size(), again, text(input.substring(0, middle))));
            pieces.add(entry(number, pieces.size(), again, text(input.substring(middle))));
        }
        return pieces;
    }

    private static JsonNode text(String text) {
        return Json.MAPPER.getNodeFactory().textNode(text);
    }

    private ObjectNode entry(int number, int piece, @Nullable String name, @Nullable JsonNode input) {
        ObjectNode entry = Json.MAPPER.createObjectNode();
        switch (indexes) {
            case RIGHT -> entry.put("index", number);
            case ZERO -> entry.put("index", 0);
            case TEXT -> entry.put("index", String.valueOf(number));
            case GAPS -> entry.put("index", 3 * number + 2);
            case MISSING -> {}
        }
        switch (ids) {
            case ONCE -> {
                if (piece == 0) {
                    entry.put("id", "call_" + number);
                }
            }
            case REPEATED -> entry.put("id", "call_" + number);
            case EMPTY -> entry.put("id", "");
            case NULL -> entry.putNull("id");
            case WORD_NULL -> entry.put("id", "null");
            case CHANGING -> entry.put("id", "call_" + number + "_" + piece);
            case THE_SAME -> entry.put("id", "call_x");
            case MISSING -> {}
        }
        if (piece == 0 && types != Types.MISSING) {
            entry.put("type", types == Types.RIGHT ? "function" : "");
        }
        ObjectNode function = entry.putObject("function");
        if (name != null) {
            function.put("name", name);
        }
        function.set("arguments", input);
        return entry;
    }

    private static ObjectNode calls(ArrayNode list) {
        ObjectNode delta = Json.MAPPER.createObjectNode();
        delta.set("tool_calls", list);
        return chunk(delta, null);
    }

    private static ObjectNode chunk(ObjectNode delta, @Nullable String finish) {
        ObjectNode chunk = Json.MAPPER
                .createObjectNode()
                .put("id", "c1")
                .put("object", "chat.completion.chunk")
                .put("created", 1)
                .put("model", "m");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.set("delta", delta);
        choice.put("finish_reason", finish);
        return chunk;
    }
}
