package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.FinishFailures;
import java.util.Map;
import java.util.TreeMap;

/** A reader of whole answers with legacy completions. Stateless. */
final class CompletionDocument {
    /** The type of a document and of a chunk alike. */
    static final String OBJECT = "text_completion";

    private CompletionDocument() {}

    /** Whether every choice has a text. */
    static boolean isAnswer(ObjectNode document) {
        JsonNode choices = document.path("choices");
        for (JsonNode choice : choices) {
            if (!choice.path("text").isTextual()) {
                return false;
            }
        }
        return choices.isArray() && !choices.isEmpty();
    }

    /** The finish reasons by the place of the choice; empty if there is none. An index may be missing, or the same in all. */
    static Map<Integer, String> finishReasons(ObjectNode document) {
        Map<Integer, String> reasons = new TreeMap<>();
        for (JsonNode choice : document.path("choices")) {
            reasons.put(reasons.size(), FinishFailures.reason(choice.path("finish_reason")));
        }
        return reasons;
    }

    static String text(ObjectNode document) {
        return document.path("choices").path(0).path("text").asText("");
    }
}
