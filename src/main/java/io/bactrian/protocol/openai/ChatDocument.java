package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.FinishFailures;
import java.util.Map;
import java.util.TreeMap;

/** A reader of whole Chat Completions answers. Stateless. */
final class ChatDocument {
    private ChatDocument() {}

    static Map<Integer, String> finishReasons(ObjectNode document) {
        Map<Integer, String> reasons = new TreeMap<>();
        for (JsonNode choice : document.path("choices")) {
            reasons.put(choice.path("index").asInt(), FinishFailures.ofDocument(choice.path("finish_reason")));
        }
        return reasons;
    }

    /** Whether a choice has any content. */
    static boolean says(ObjectNode document) {
        for (JsonNode choice : document.path("choices")) {
            if (ChatDeviations.says(choice.path("message"))) {
                return true;
            }
        }
        return false;
    }

    static String text(ObjectNode document) {
        return document.path("choices").path(0).path("message").path("content").asText("");
    }
}
