package io.bactrian.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.testing.ModelAnswer.Piece;
import io.bactrian.testing.ModelAnswer.Tool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The protocol of a stub that speaks Anthropic Messages. Stateless. */
final class AnthropicStub implements StubProtocol {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public boolean serves(String path) {
        return path.endsWith(path()) || path.endsWith("/messages/count_tokens");
    }

    @Override
    public String models() {
        return """
            {"data":[{"type":"model","id":"stub-model","display_name":"Stub","created_at":"2026-11-22T00:00:00Z",\
            "max_input_tokens":200000,"max_tokens":64000}],"has_more":false,"first_id":"stub-model","last_id":"stub-model"}\
            """;
    }

    @Override
    public String document(ModelAnswer answer) {
        ObjectNode message = message(answer);
        ArrayNode content = message.withArray("content");
        if (!answer.text().isEmpty()) {
            content.addObject().put("type", "text").put("text", answer.text()).putNull("citations");
        }
        answer.tools().forEach(tool -> content.add(toolUse(tool, arguments(tool))));
        message.put("stop_reason", stopReason(answer));
        message.withObject("/usage").put("output_tokens", answer.completionTokens());
        return message.toString();
    }

    @Override
    public List<String> start(ModelAnswer answer) {
        ObjectNode start = event("message_start");
        start.set("message", message(answer));
        return List.of(line(start), ping());
    }

    @Override
    public List<Piece> pieces(ModelAnswer answer) {
        List<Piece> pieces = new ArrayList<>();
        List<String> before = new ArrayList<>();
        int index = 0;
        if (!answer.text().isEmpty()) {
            before.add(open(index, JSON.createObjectNode().put("type", "text").put("text", "")));
            for (String word : ModelAnswer.words(answer.text())) {
                pieces.add(new Piece(before, delta(index, "text_delta", "text", word)));
                before = new ArrayList<>();
            }
            before.add(line(event("content_block_stop").put("index", index++)));
        }
        for (Tool tool : answer.tools()) {
            before.add(open(index, toolUse(tool, JSON.createObjectNode())));
            for (String part : ModelAnswer.pieces(tool.arguments())) {
                pieces.add(new Piece(before, delta(index, "input_json_delta", "partial_json", part)));
                before = new ArrayList<>();
            }
            before.add(line(event("content_block_stop").put("index", index++)));
        }
        return pieces;
    }

    @Override
    public List<String> finish(ModelAnswer answer, boolean usage) {
        int blocks = (answer.text().isEmpty() ? 0 : 1) + answer.tools().size();
        ObjectNode delta = event("message_delta");
        delta.putObject("delta").put("stop_reason", stopReason(answer)).putNull("stop_sequence");
        delta.putObject("usage")
                .put("input_tokens", answer.promptTokens())
                .put("output_tokens", answer.completionTokens());
        List<String> events = new ArrayList<>();
        if (blocks > 0) {
            events.add(line(event("content_block_stop").put("index", blocks - 1)));
        }
        events.add(line(delta));
        return events;
    }

    @Override
    public List<String> done() {
        return List.of(line(event("message_stop")));
    }

    @Override
    public String ping() {
        return line(event("ping"));
    }

    @Override
    public String error(String type, @Nullable String code, String message) {
        ObjectNode root = event("error");
        ObjectNode error = root.putObject("error").put("type", type).put("message", message);
        if (code == null) {
            error.putNull("details");
        } else {
            error.putObject("details").put("error_code", code);
        }
        return root.put("request_id", "req_stub").toString();
    }

    @Override
    public String errorEvent(String json) {
        return "event: error\ndata: " + json;
    }

    @Override
    public String malformed() {
        return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":";
    }

    @Override
    public Map<String, String> headers(int call) {
        return Map.of("request-id", "req_stub_" + call, "anthropic-organization-id", "stub");
    }

    private static String stopReason(ModelAnswer answer) {
        return switch (answer.finish()) {
            case "stop" -> "end_turn";
            case "length" -> "max_tokens";
            case "tool_calls" -> "tool_use";
            case "content_filter" -> "refusal";
            default -> answer.finish();
        };
    }

    private static ObjectNode message(ModelAnswer answer) {
        ObjectNode message = JSON.createObjectNode()
                .put("id", answer.id())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", answer.model());
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.putObject("usage")
                .put("input_tokens", answer.promptTokens())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", 0)
                .put("output_tokens", 1);
        return message;
    }

    private static ObjectNode toolUse(Tool tool, JsonNode input) {
        ObjectNode node = JSON.createObjectNode()
                .put("type", "tool_use")
                .put("id", tool.id())
                .put("name", tool.name());
        node.set("input", input);
        return node;
    }

    private static JsonNode arguments(Tool tool) {
        try {
            return tool.arguments().isEmpty() ? JSON.createObjectNode() : JSON.readTree(tool.arguments());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a document needs arguments that are JSON", e);
        }
    }

    private static String open(int index, ObjectNode block) {
        ObjectNode start = event("content_block_start").put("index", index);
        start.set("content_block", block);
        return line(start);
    }

    private static String delta(int index, String type, String field, String value) {
        ObjectNode delta = event("content_block_delta").put("index", index);
        delta.putObject("delta").put("type", type).put(field, value);
        return line(delta);
    }

    private static ObjectNode event(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private static String line(ObjectNode event) {
        return "event: " + event.path("type").asText() + "\ndata: " + event;
    }
}
