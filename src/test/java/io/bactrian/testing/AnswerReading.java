package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Gateway.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The answer as an official client library reads it: the words, the tool calls as {@code {"name", "input"}} and the reason of
 * its end, of a document or of a stream, in either protocol; and what such a library needs of its form.
 */
public record AnswerReading(
        Caller caller, Answer answer, String text, ArrayNode tools, String finish, List<String> faults) {

    /** Reads an answer with status 200. */
    public static AnswerReading of(Caller caller, Answer answer) {
        boolean stream = answer.header("content-type").startsWith("text/event-stream");
        List<String> faults = new ArrayList<>();
        ArrayNode tools = Json.MAPPER.createArrayNode();
        if (caller == Caller.MESSAGES) {
            ArrayNode content =
                    stream ? blocks(answer, faults) : array(answer.json().path("content"), faults);
            StringBuilder text = new StringBuilder();
            for (JsonNode block : content) {
                block(block, text, tools, faults);
            }
            String finish = stream
                    ? String.join(",", caller.finishes(answer))
                    : answer.json().path("stop_reason").asText("");
            return new AnswerReading(caller, answer, text.toString(), tools, finish, faults);
        }
        JsonNode message = stream
                ? joined(answer, faults)
                : answer.json().path("choices").path(0).path("message");
        JsonNode content = message.path("content");
        if (!content.isTextual() && !content.isNull() && !content.isMissingNode()) {
            faults.add("content is no text: " + content);
        }
        Set<String> ids = new HashSet<>();
        for (JsonNode call : message.path("tool_calls")) {
            call(call, tools, faults);
            if (!ids.add(call.path("id").asText())) {
                faults.add("an id twice: " + call);
            }
        }
        String finish = stream
                ? String.join(",", caller.finishes(answer))
                : answer.json().path("choices").path(0).path("finish_reason").asText("");
        return new AnswerReading(caller, answer, content.asText(""), tools, finish, faults);
    }

    /** One end, ids and types where the protocol wants them. */
    public void assertWellFormed() {
        assertThat(faults).isEmpty();
        assertThat(caller.error(answer).isObject()).isFalse();
        if (answer.header("content-type").startsWith("text/event-stream")) {
            caller.assertWellFormed(answer);
        } else {
            assertThat(finish).isNotEmpty();
        }
    }

    private static ArrayNode array(JsonNode content, List<String> faults) {
        if (content instanceof ArrayNode list) {
            return list;
        }
        faults.add("content is no list: " + content);
        return Json.MAPPER.createArrayNode();
    }

    private static ArrayNode blocks(Answer answer, List<String> faults) {
        Map<Integer, ObjectNode> blocks = new TreeMap<>();
        Map<Integer, StringBuilder> inputs = new TreeMap<>();
        for (JsonNode event : answer.chunks()) {
            int index = event.path("index").asInt(-1);
            switch (event.path("type").asText()) {
                case "content_block_start" -> {
                    if (blocks.put(index, event.path("content_block").deepCopy()) != null) {
                        faults.add("block " + index + " twice");
                    }
                    inputs.put(index, new StringBuilder());
                }
                case "content_block_delta" -> {
                    JsonNode delta = event.path("delta");
                    ObjectNode block = blocks.get(index);
                    String of = block == null ? "" : block.path("type").asText();
                    switch (delta.path("type").asText() + " in " + of) {
                        case "text_delta in text" ->
                            block.put(
                                    "text",
                                    block.path("text").asText()
                                            + delta.path("text").asText());
                        case "input_json_delta in tool_use" ->
                            inputs.get(index).append(delta.path("partial_json").asText());
                        case "thinking_delta in thinking",
                                "signature_delta in thinking",
                                "citations_delta in text" -> {}
                        default -> faults.add("delta " + delta + " in block " + block);
                    }
                }
                default -> {}
            }
        }
        ArrayNode list = Json.MAPPER.createArrayNode();
        blocks.forEach((index, block) -> {
            StringBuilder input = inputs.get(index);
            if (!input.isEmpty()) {
                JsonNode read = Json.parse(input.toString().getBytes(StandardCharsets.UTF_8));
                block.set("input", read);
            }
            list.add(block);
        });
        return list;
    }

    private static void block(JsonNode block, StringBuilder text, ArrayNode tools, List<String> faults) {
        switch (block.path("type").asText()) {
            case "text" -> {
                if (!block.path("text").isTextual()) {
                    faults.add("no text: " + block);
                }
                text.append(block.path("text").asText());
            }
            case "tool_use" -> {
                if (block.path("id").asText("").isEmpty()
                        || !block.path("input").isObject()
                        || block.has("text")) {
                    faults.add("tool call " + block);
                }
                ObjectNode tool =
                        tools.addObject().put("name", block.path("name").asText());
                tool.set("input", block.path("input"));
            }
            default -> {}
        }
    }

    /** The message that the deltas of a stream add up to, by index as the official libraries do it. */
    private static JsonNode joined(Answer answer, List<String> faults) {
        StringBuilder text = new StringBuilder();
        Map<Integer, ObjectNode> calls = new TreeMap<>();
        for (JsonNode chunk : answer.chunks()) {
            JsonNode delta = chunk.path("choices").path(0).path("delta");
            JsonNode content = delta.path("content");
            if (content.isContainerNode()) {
                faults.add("content is no text: " + content);
            }
            text.append(content.asText(""));
            for (JsonNode piece : delta.path("tool_calls")) {
                if (!piece.path("index").isInt()) {
                    faults.add("tool call without an index: " + piece);
                }
                call(
                        calls.computeIfAbsent(piece.path("index").asInt(), i -> Json.MAPPER.createObjectNode()),
                        piece,
                        faults);
            }
        }
        ObjectNode message = Json.MAPPER.createObjectNode().put("content", text.toString());
        message.putArray("tool_calls").addAll(calls.values());
        return message;
    }

    private static void call(ObjectNode call, JsonNode piece, List<String> faults) {
        String id = piece.path("id").asText("");
        if (!id.isEmpty()) {
            if (call.has("id") && !call.path("id").asText().equals(id)) {
                faults.add("two ids of one call: " + piece);
            }
            call.put("id", id);
        }
        ObjectNode function = call.withObject("/function");
        JsonNode given = piece.path("function");
        if (given.path("name").isTextual() && !given.path("name").asText().isEmpty()) {
            function.put("name", given.path("name").asText());
        }
        JsonNode arguments = given.path("arguments");
        if (arguments.isTextual()) {
            function.put("arguments", function.path("arguments").asText("") + arguments.asText());
        } else if (!arguments.isMissingNode() && !arguments.isNull()) {
            faults.add("arguments are no text: " + piece);
        }
    }

    private static void call(JsonNode call, ArrayNode tools, List<String> faults) {
        JsonNode function = call.path("function");
        String arguments = function.path("arguments").asText("");
        if (call.path("id").asText("").isEmpty() || !function.path("arguments").isTextual()) {
            faults.add("tool call " + call);
        }
        JsonNode input = arguments.isEmpty()
                ? Json.MAPPER.createObjectNode()
                : Json.parse(arguments.getBytes(StandardCharsets.UTF_8));
        ObjectNode tool = tools.addObject().put("name", function.path("name").asText());
        tool.set("input", input);
    }
}
