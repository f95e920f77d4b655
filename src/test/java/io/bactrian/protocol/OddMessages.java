package io.bactrian.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A server of Messages that frames its blocks in its own way. Immutable.
 *
 * @param start how it begins the message
 * @param indexes how it numbers blocks
 * @param texts how it begins a block of text
 * @param stops when it stops a block
 * @param ids how it names calls
 * @param inputs where it writes the input of a call
 */
record OddMessages(Start start, Indexes indexes, Texts texts, Stops stops, Ids ids, Inputs inputs) {
    /** A server that keeps to the protocol. */
    static final OddMessages ORDINARY =
            new OddMessages(Start.ONCE, Indexes.RIGHT, Texts.STARTED, Stops.RIGHT, Ids.RIGHT, Inputs.PIECES);

    enum Start {
        ONCE,
        TWICE,
        MISSING,
        NULL_CONTENT
    }

    enum Indexes {
        RIGHT,
        MISSING,
        ZERO,
        TEXT,
        GAPS
    }

    enum Texts {
        STARTED,
        NOT_STARTED,
        STARTED_WITHOUT_TEXT,
        ON_THE_BLOCK_BEFORE,
        UNTYPED
    }

    enum Stops {
        RIGHT,
        MISSING,
        TWICE
    }

    enum Ids {
        RIGHT,
        EMPTY,
        THE_SAME
    }

    enum Inputs {
        PIECES,
        AT_THE_START,
        OBJECT,
        TEXT_AT_THE_START,
        AFTER_EMPTY_OBJECT,
        TWICE,
        BEFORE_THE_START,
        AFTER_THE_STOP
    }

    /** Whether its messages can be understood at all: input before its call needs to name it. */
    boolean isUnderstood() {
        boolean numbered = indexes == Indexes.RIGHT || indexes == Indexes.TEXT || indexes == Indexes.GAPS;
        return inputs != Inputs.BEFORE_THE_START || (numbered && stops != Stops.MISSING);
    }

    /** The events of an answer. */
    List<ObjectNode> events(List<Said> answer) {
        List<ObjectNode> events = new ArrayList<>();
        if (start != Start.MISSING) {
            events.add(message());
        }
        events.add(event("ping"));
        int number = 0;
        for (Said said : answer) {
            List<ObjectNode> block = said.tool() == null ? text(said.text(), number) : call(said, number);
            events.addAll(block);
            number++;
            if (start == Start.TWICE && number == 1) {
                events.add(message());
            }
        }
        boolean called = answer.stream().anyMatch(said -> said.tool() != null);
        ObjectNode end = event("message_delta");
        end.putObject("delta")
                .put("stop_reason", called ? "tool_use" : "end_turn")
                .putNull("stop_sequence");
        end.putObject("usage").put("output_tokens", 7);
        events.add(end);
        events.add(event("message_stop"));
        return events;
    }

    private ObjectNode message() {
        ObjectNode event = event("message_start");
        ObjectNode message = event.putObject("message")
                .put("id", "msg_1")
                .put("type", "message")
                .put("role", "assistant")
                .put("model", "m");
        if (start == Start.NULL_CONTENT) {
            message.putNull("content");
        } else {
            message.putArray("content");
        }
        message.putNull("stop_reason").putNull("stop_sequence");
        message.putObject("usage").put("input_tokens", 5).put("output_tokens", 1);
        return event;
    }

    private List<ObjectNode> text(String text, int number) {
        boolean before = texts == Texts.ON_THE_BLOCK_BEFORE && number > 0;
        int at = before ? number - 1 : number;
        List<ObjectNode> events = new ArrayList<>();
        if (!before && texts != Texts.NOT_STARTED) {
            ObjectNode begin = placed("content_block_start", at);
            ObjectNode block = begin.putObject("content_block");
            if (texts != Texts.UNTYPED) {
                block.put("type", "text");
            }
            if (texts != Texts.STARTED_WITHOUT_TEXT) {
                block.put("text", "");
            }
            events.add(begin);
        }
        int middle = text.length() / 2;
        for (String piece : List.of(text.substring(0, middle), text.substring(middle))) {
            ObjectNode event = placed("content_block_delta", at);
            ObjectNode delta = event.putObject("delta").put("text", piece);
            if (texts != Texts.UNTYPED) {
                delta.put("type", "text_delta");
            }
            events.add(event);
        }
        stop(at, events);
        return events;
    }

    private List<ObjectNode> call(Said said, int number) {
        List<ObjectNode> events = new ArrayList<>();
        ObjectNode begin = placed("content_block_start", number);
        ObjectNode block = begin.putObject("content_block").put("type", "tool_use");
        block.put(
                "id",
                switch (ids) {
                    case RIGHT -> "toolu_" + number;
                    case EMPTY -> "";
                    case THE_SAME -> "toolu_x";
                });
        block.put("name", said.tool());
        String input = String.valueOf(said.input());
        switch (inputs) {
            case AT_THE_START -> block.set("input", said.input());
            case TEXT_AT_THE_START -> block.put("input", input);
            default -> block.putObject("input");
        }
        events.add(begin);
        switch (inputs) {
            case PIECES -> {
                events.add(input(number, text("")));
                events.addAll(pieces(input, number));
            }
            case OBJECT -> events.add(input(number, said.input()));
            case AFTER_EMPTY_OBJECT -> {
                events.add(input(number, text("{}")));
                events.addAll(pieces(input, number));
            }
            case TWICE -> {
                events.addAll(pieces(input, number));
                events.addAll(pieces(input, number));
                events.add(input(number, text("{}")));
            }
            case BEFORE_THE_START -> events.addAll(0, pieces(input, number));
            default -> {}
        }
        stop(number, events);
        if (inputs == Inputs.AFTER_THE_STOP) {
            events.addAll(pieces(input, number));
        }
        return events;
    }

    private List<ObjectNode> pieces(String input, int number) {
        int middle = input.length() / 2;
        return List.of(input(number, text(input.substring(0, middle))), input(number, text(input.substring(middle))));
    }

    private static JsonNode text(String text) {
        return Json.MAPPER.getNodeFactory().textNode(text);
    }

    private ObjectNode input(int number, JsonNode piece) {
        ObjectNode event = placed("content_block_delta", number);
        event.putObject("delta").put("type", "input_json_delta").set("partial_json", piece);
        return event;
    }

    private void stop(int number, List<ObjectNode> events) {
        for (int i = 0; i < (stops == Stops.MISSING ? 0 : stops == Stops.TWICE ? 2 : 1); i++) {
            events.add(placed("content_block_stop", number));
        }
    }

    private ObjectNode placed(String type, int number) {
        ObjectNode event = event(type);
        switch (indexes) {
            case RIGHT -> event.put("index", number);
            case ZERO -> event.put("index", 0);
            case TEXT -> event.put("index", String.valueOf(number));
            case GAPS -> event.put("index", 3 * number + 2);
            case MISSING -> {}
        }
        return event;
    }

    private static ObjectNode event(String type) {
        return Json.MAPPER.createObjectNode().put("type", type);
    }
}
