package io.bactrian.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The simulated Anthropic Messages protocol. Stateless. */
record SimulatedAnthropic() implements SimulatedProtocol {
    private static final ObjectMapper JSON = DemoServer.JSON;

    @Override
    public SimulatedRequest read(JsonNode request) {
        return AnthropicRequest.read(request);
    }

    @Override
    public String document(Answer answer, SimulatedRequest asked, String id) {
        ObjectNode message = message(answer, asked, id);
        message.withArray("content").add(block(answer, id, true));
        message.put("stop_reason", stopReason(answer));
        message.withObject("/usage").put("output_tokens", answer.tokens().size());
        return message.toString();
    }

    @Override
    public List<Event> events(Answer answer, SimulatedRequest asked, String id) {
        List<Event> events = new ArrayList<>();
        ObjectNode start = data("message_start");
        start.set("message", message(answer, asked, id));
        events.add(event(start, false));
        ObjectNode open = data("content_block_start").put("index", 0);
        open.set("content_block", block(answer, id, false));
        events.add(event(open, false));
        events.add(event(data("ping"), false));
        for (String token : answer.tokens()) {
            ObjectNode delta = data("content_block_delta").put("index", 0);
            if (answer.tool() == null) {
                delta.putObject("delta").put("type", "text_delta").put("text", token);
            } else {
                delta.putObject("delta").put("type", "input_json_delta").put("partial_json", token);
            }
            events.add(event(delta, true));
        }
        events.add(event(data("content_block_stop").put("index", 0), false));
        ObjectNode end = data("message_delta");
        end.putObject("delta").put("stop_reason", stopReason(answer)).putNull("stop_sequence");
        end.putObject("usage")
                .put("input_tokens", answer.promptTokens())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", 0)
                .put("output_tokens", answer.tokens().size());
        events.add(event(end, false));
        events.add(event(data("message_stop"), false));
        return events;
    }

    @Override
    public String models(String model) {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("data")
                .addObject()
                .put("type", "model")
                .put("id", model)
                .put("display_name", "Simulated " + model)
                .put("created_at", "2026-11-22T00:00:00Z")
                .put("max_input_tokens", 200_000)
                .put("max_tokens", 64_000);
        return root.put("has_more", false)
                .put("first_id", model)
                .put("last_id", model)
                .toString();
    }

    @Override
    public Map<String, String> headers(String id) {
        String soon =
                Instant.now().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1).toString();
        return Map.of(
                "request-id", "req_" + id,
                "anthropic-organization-id", "00000000-0000-0000-0000-000000000000",
                "anthropic-ratelimit-requests-limit", "1000",
                "anthropic-ratelimit-requests-remaining", "999",
                "anthropic-ratelimit-requests-reset", soon,
                "anthropic-ratelimit-tokens-limit", "540000",
                "anthropic-ratelimit-tokens-remaining", "539000",
                "anthropic-ratelimit-tokens-reset", soon);
    }

    @Override
    public int overloadedStatus() {
        return 529;
    }

    @Override
    public String error(int status, String message) {
        ObjectNode root = data("error");
        String type =
                switch (status) {
                    case 404 -> "not_found_error";
                    case 429 -> "rate_limit_error";
                    case 500 -> "api_error";
                    case 529 -> "overloaded_error";
                    default -> "invalid_request_error";
                };
        root.putObject("error").put("type", type).put("message", message).putNull("details");
        return root.put("request_id", "req_simulated").toString();
    }

    private static String stopReason(Answer answer) {
        return switch (answer.finish()) {
            case STOP -> "end_turn";
            case LENGTH -> "max_tokens";
            case TOOL -> "tool_use";
        };
    }

    private static ObjectNode message(Answer answer, SimulatedRequest asked, String id) {
        ObjectNode message = JSON.createObjectNode()
                .put("id", "msg_" + id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", asked.model());
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.putObject("usage")
                .put("input_tokens", answer.promptTokens())
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", 0)
                .put("output_tokens", 1)
                .put("service_tier", "standard");
        return message;
    }

    private static ObjectNode block(Answer answer, String id, boolean whole) {
        if (answer.tool() == null) {
            ObjectNode text = JSON.createObjectNode().put("type", "text").put("text", whole ? answer.text() : "");
            return whole ? text : text.putNull("citations");
        }
        ObjectNode block = JSON.createObjectNode()
                .put("type", "tool_use")
                .put("id", "toolu_" + id)
                .put("name", answer.tool());
        try {
            block.set("input", whole ? JSON.readTree(answer.text()) : JSON.createObjectNode());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("generated arguments are not valid JSON", e);
        }
        return block;
    }

    private static ObjectNode data(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    private static Event event(ObjectNode data, boolean token) {
        return new Event("event: " + data.path("type").asText() + "\ndata: " + data + "\n\n", token);
    }
}
