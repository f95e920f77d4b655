package io.bactrian.behaviour;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.testing.Gateway.Answer;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Streams in Chat Completions: single chunks to write, and what a stream says to read. Stateless. */
final class ChatStreams {
    private ChatStreams() {}

    /** A chunk of one choice, as it is on the wire. */
    static String chunk(int choice, String content, @Nullable String finish) {
        return "data:"
                + " {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":"
                + choice + ",\"delta\":{\"content\":\"" + content + "\"},\"finish_reason\":"
                + (finish == null ? "null" : "\"" + finish + "\"") + "}]}\n\n";
    }

    /** Why the first choice ended, each time that the stream says so. */
    static List<String> finishReasons(Answer answer) {
        return answer.chunks().stream()
                .filter(c -> c.path("choices").size() == 1)
                .filter(c -> c.at("/choices/0/index").asInt() == 0)
                .map(c -> c.at("/choices/0/finish_reason"))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText)
                .filter(reason -> !reason.isEmpty())
                .toList();
    }

    /** The usage that the stream tells once. */
    static JsonNode usage(Answer answer) {
        return answer.chunks().stream()
                .map(c -> c.path("usage"))
                .filter(JsonNode::isObject)
                .reduce((a, b) -> {
                    throw new AssertionError("usage twice");
                })
                .orElseThrow();
    }

    /** The arguments of each tool call, joined. */
    static List<String> arguments(Answer answer) {
        return List.copyOf(answer.chunks().stream()
                .flatMap(c -> c.at("/choices/0/delta/tool_calls").valueStream())
                .collect(Collectors.groupingBy(
                        t -> t.path("index").asInt(),
                        TreeMap::new,
                        Collectors.mapping(t -> t.at("/function/arguments").asText(""), Collectors.joining())))
                .values());
    }
}
