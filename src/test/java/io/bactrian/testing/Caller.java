package io.bactrian.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.testing.Gateway.Answer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** A caller of the gateway by the protocol that it speaks: how it asks, and how it reads the answer. */
public enum Caller {
    CHAT("/v1/chat/completions", "openai"),
    MESSAGES("/v1/messages", "anthropic");

    private final String path;
    private final String api;

    Caller(String path, String api) {
        this.path = path;
        this.api = api;
    }

    public String path() {
        return path;
    }

    /** The protocol's name in the configuration. */
    public String api() {
        return api;
    }

    /** A request with one user message; fields are added to it or replace what is there. */
    public String body(String model, boolean stream, String fields) {
        return body(model, stream, (ObjectNode)
                Objects.requireNonNull(Json.parse(fields.getBytes(StandardCharsets.UTF_8))));
    }

    String body(String model, boolean stream, ObjectNode fields) {
        ObjectNode body = Json.MAPPER.createObjectNode().put("model", model);
        body.putArray("messages").addObject().put("role", "user").put("content", "Hi");
        body.put("stream", stream);
        if (this == MESSAGES) {
            body.put("max_tokens", 1000);
        } else if (stream) {
            body.putObject("stream_options").put("include_usage", true);
        }
        body.setAll(fields);
        return body.toString();
    }

    public Answer stream(Gateway gateway, String... headers) {
        return gateway.post(path, body("default", true, "{}"), headers);
    }

    public Answer document(Gateway gateway, String... headers) {
        return gateway.post(path, body("default", false, "{}"), headers);
    }

    /** Asks for a stream, and reads nothing yet. */
    public RawCaller raw(Gateway gateway) {
        return RawCaller.ask(gateway, path, body("default", true, "{}"));
    }

    private boolean streamed(Answer answer) {
        return answer.header("content-type").startsWith("text/event-stream");
    }

    /** The words of an answer, of a stream or of a document. */
    public String words(Answer answer) {
        if (!streamed(answer)) {
            return this == CHAT
                    ? answer.content()
                    : String.join("", texts(answer.json().path("content")));
        }
        return this == CHAT
                ? answer.content()
                : String.join(
                        "",
                        events(answer, "content_block_delta")
                                .map(e -> e.path("delta").path("text").asText(""))
                                .toList());
    }

    private static List<String> texts(JsonNode blocks) {
        List<String> texts = new ArrayList<>();
        blocks.forEach(block -> texts.add(block.path("text").asText("")));
        return texts;
    }

    private static Stream<JsonNode> events(Answer answer, String type) {
        return answer.chunks().stream().filter(e -> e.path("type").asText().equals(type));
    }

    /** Whether the stream ended as whole. */
    public boolean done(Answer answer) {
        return this == CHAT
                ? answer.done()
                : events(answer, "message_stop").findAny().isPresent();
    }

    /** Why the answer ended, each time that a stream says so. */
    public List<String> finishes(Answer answer) {
        if (this == MESSAGES) {
            return events(answer, "message_delta")
                    .map(e -> e.path("delta").path("stop_reason").asText())
                    .toList();
        }
        return answer.chunks().stream()
                .map(c -> c.path("choices").path(0).path("finish_reason").asText(""))
                .filter(reason -> !reason.isEmpty() && !reason.equals("null"))
                .toList();
    }

    /** How often a stream begins an answer. */
    public long beginnings(Answer answer) {
        return this == MESSAGES
                ? events(answer, "message_start").count()
                : answer.chunks().stream()
                        .filter(c -> c.path("choices").path(0).path("delta").has("role"))
                        .count();
    }

    /** The different ids that a stream gives its answer. */
    public List<String> ids(Answer answer) {
        return this == MESSAGES
                ? events(answer, "message_start")
                        .map(e -> e.path("message").path("id").asText())
                        .toList()
                : answer.chunks().stream()
                        .map(c -> c.path("id").asText())
                        .distinct()
                        .toList();
    }

    /** Every caller with and without a stream, for {@code @MethodSource("io.bactrian.testing.Caller#ways")}. */
    public static Stream<Arguments> ways() {
        return Stream.of(values())
                .flatMap(caller -> Stream.of(true, false).map(stream -> Arguments.of(caller, stream)));
    }

    /** Every caller and every protocol of a provider, for {@code @MethodSource("io.bactrian.testing.Caller#pairs")}. */
    public static Stream<Arguments> pairs() {
        return Stream.of(values())
                .flatMap(caller -> Stream.of("openai", "anthropic").map(api -> Arguments.of(caller, api)));
    }

    /** Every caller and every protocol of a first and a second provider, as {@code Caller#threes}. */
    public static Stream<Arguments> threes() {
        return pairs().flatMap(pair ->
                Stream.of("openai", "anthropic").map(api -> Arguments.of(pair.get()[0], pair.get()[1], api)));
    }

    /** An answer of the kind asked for in these words, which if it is a stream has ended once, and by itself. */
    public void assertWhole(Answer answer, boolean stream, String words) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.header("content-type")).startsWith(stream ? "text/event-stream" : "application/json");
        assertThat(words(answer)).as(answer.text()).isEqualTo(words);
        if (stream) {
            assertThat(done(answer)).isTrue();
            assertThat(finishes(answer)).containsExactly(this == CHAT ? "stop" : "end_turn");
        }
    }

    /** One beginning, one id, one end, and in between what the protocol demands: no block begins before the last one stopped. */
    public void assertWellFormed(Answer answer) {
        assertThat(beginnings(answer)).as(answer.text()).isOne();
        assertThat(ids(answer)).as(answer.text()).hasSize(1);
        assertThat(finishes(answer)).as(answer.text()).hasSize(1);
        assertThat(done(answer)).as(answer.text()).isTrue();
        assertThat(error(answer).isMissingNode()).as(answer.text()).isTrue();
        if (this == MESSAGES) {
            assertBlocks(answer);
        } else {
            assertThat(answer.text()).endsWith("data: [DONE]\n\n");
        }
    }

    /** A stream that ended with an error after words, whose only call failed in this way; nothing in it looks like success. */
    public void assertBrokenOff(Answer answer, String provider, String type) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(done(answer)).isFalse();
        assertThat(finishes(answer)).isEmpty();
        JsonNode last = answer.chunks().getLast();
        String target = last.at("/error/attempts/0/target").asText();
        assertThat(last.at("/error/message").asText()).as(answer.text()).isNotBlank();
        assertThat(target).startsWith(provider + "/");
        assertThat(last.at("/error/attempts/0/class").asText()).isEqualTo(type);
        assertThat(last.path("type").asText("")).isEqualTo(this == MESSAGES ? "error" : "");
        assertThat(answer.text().contains("event: error\n")).isEqualTo(this == MESSAGES);
        assertThat(answer.comments()).containsExactly(": bactrian attempts " + target + "=" + type);
        assertThat(answer.brokenOff()).as("the body is incomplete").isTrue();
    }

    /** A stream that ended with an error that lists its calls, after these words and nothing that looks like success. */
    public void assertBrokenOffAfter(Answer answer, String words) {
        assertThat(words(answer)).as(answer.text()).isEqualTo(words);
        assertThat(finishes(answer)).isEmpty();
        assertThat(done(answer)).isFalse();
        assertThat(error(answer).path("attempts").isArray()).as(answer.text()).isTrue();
        assertThat(answer.brokenOff()).as("the body is incomplete").isTrue();
    }

    private static void assertBlocks(Answer answer) {
        List<JsonNode> events = answer.chunks().stream()
                .filter(e -> !e.path("type").asText().equals("ping"))
                .toList();
        assertThat(events.getFirst().path("type").asText()).isEqualTo("message_start");
        assertThat(events.getLast().path("type").asText()).isEqualTo("message_stop");
        int blocks = 0;
        boolean open = false;
        boolean over = false;
        for (JsonNode event : events) {
            String type = event.path("type").asText();
            int index = event.path("index").asInt(-1);
            switch (type) {
                case "content_block_start" -> {
                    assertThat(open || over || index != blocks)
                            .as("block %s in %s", index, answer.text())
                            .isFalse();
                    open = true;
                }
                case "content_block_delta" ->
                    assertThat(open && index == blocks)
                            .as("delta of %s in %s", index, answer.text())
                            .isTrue();
                case "content_block_stop" -> {
                    assertThat(open && index == blocks)
                            .as("stop of %s in %s", index, answer.text())
                            .isTrue();
                    open = false;
                    blocks++;
                }
                case "message_delta" -> {
                    assertThat(open).as(answer.text()).isFalse();
                    over = true;
                }
                default -> assertThat(type).isIn("message_start", "message_stop");
            }
        }
    }

    /** The error that ended a stream, or the document; missing if there is none. */
    public JsonNode error(Answer answer) {
        return streamed(answer)
                ? answer.chunks().stream()
                        .map(c -> c.path("error"))
                        .filter(JsonNode::isObject)
                        .findFirst()
                        .orElse(Json.MAPPER.missingNode())
                : answer.json().path("error");
    }

    /** Input and output tokens as the end of a stream, or the document, tells them. */
    public List<Integer> usage(Answer answer) {
        JsonNode usage = streamed(answer)
                ? (this == MESSAGES ? events(answer, "message_delta") : answer.chunks().stream())
                        .map(c -> c.path("usage"))
                        .filter(JsonNode::isObject)
                        .reduce((first, last) -> last)
                        .orElseThrow()
                : answer.json().path("usage");
        return this == MESSAGES
                ? List.of(
                        usage.path("input_tokens").asInt(),
                        usage.path("output_tokens").asInt())
                : List.of(
                        usage.path("prompt_tokens").asInt(),
                        usage.path("completion_tokens").asInt());
    }
}
