package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Reply;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Streams of either protocol, event by event: what stubs that behave do not send.
 *
 * @param api as the configuration names the protocol
 */
record HandWrittenStream(String api) {

    private boolean anthropic() {
        return api.equals("anthropic");
    }

    /** The JSON of every event of an answer in these tokens. */
    List<String> answer(List<String> tokens) {
        List<String> events = new ArrayList<>(start());
        tokens.forEach(token -> events.add(token(token)));
        events.addAll(end());
        return events;
    }

    /** Up to the place where the first token may come. */
    List<String> start() {
        return anthropic()
                ? List.of(
                        message(),
                        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}")
                : List.of(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
    }

    static String message() {
        return "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\","
                + "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
                + "\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}";
    }

    String token(String text) {
        ObjectNode delta = Json.MAPPER.createObjectNode();
        if (!anthropic()) {
            return chunk(delta.put("content", text).toString(), "null");
        }
        delta.put("type", "text_delta").put("text", text);
        return "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":" + delta + "}";
    }

    /** From the finish reason on. */
    List<String> end() {
        return anthropic()
                ? List.of(
                        "{\"type\":\"content_block_stop\",\"index\":0}",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
                                + "\"usage\":{\"input_tokens\":9,\"output_tokens\":4}}",
                        "{\"type\":\"message_stop\"}")
                : List.of(
                        chunk("{}", "\"stop\""),
                        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],"
                                + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}",
                        "[DONE]");
    }

    static String chunk(String delta, String finish) {
        return "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                + "[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}";
    }

    /** The events as they are on the wire, each on one line. */
    String sse(List<String> events) {
        return events.stream().map(this::sse).collect(Collectors.joining());
    }

    String sse(String event) {
        return name(event) + "data: " + event + "\n\n";
    }

    /** The line before the data that names the event; empty where the protocol has none. */
    String name(String event) {
        return anthropic() ? "event: " + event.split("\"", 5)[3] + "\n" : "";
    }

    /** These bytes, with a pause after each part; then the clean end of the body. */
    static Reply paced(Duration pause, String... parts) {
        return x -> {
            x.streamHead(200, Map.of());
            for (String part : parts) {
                x.chunk(part.getBytes(StandardCharsets.UTF_8));
                x.pause(pause);
            }
            x.endChunks();
            return Reply.After.KEEP;
        };
    }
}
