package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/** Reads whole answers, in the form of either protocol. */
public final class ChatDocument {
    private ChatDocument() {}

    /** Whether it is an answer as OpenAI gives it; else it is one as Anthropic does. */
    public static boolean isChat(JsonNode document) {
        return document.has("choices");
    }

    /** Why each choice ended; {@code stop} where nothing is said, empty where it is said that it has not. */
    public static Map<Integer, String> finishes(ObjectNode document) {
        if (!isChat(document)) {
            return Map.of(0, reason(document.path("stop_reason")));
        }
        Map<Integer, String> finishes = new TreeMap<>();
        for (JsonNode choice : document.path("choices")) {
            finishes.put(choice.path("index").asInt(), reason(choice.path("finish_reason")));
        }
        return finishes;
    }

    /** The reason, {@code stop} where the field is missing, empty where it is null. */
    static String reason(JsonNode field) {
        return field.isNull() ? "" : field.asText("stop");
    }

    /** The text of the answer. */
    public static String text(ObjectNode document) {
        if (isChat(document)) {
            return document.path("choices")
                    .path(0)
                    .path("message")
                    .path("content")
                    .asText("");
        }
        StringBuilder text = new StringBuilder();
        document.path("content").forEach(block -> text.append(block.path("text").asText("")));
        return text.toString();
    }
}
