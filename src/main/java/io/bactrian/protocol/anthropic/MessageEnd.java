package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.FinishReasons;
import io.bactrian.protocol.translation.Usages;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The end of a message: its stop reason and its usage, of one event or of several. Stateless. */
final class MessageEnd {
    private static final String REASON = "stop_reason";
    private static final String OUTPUT = "output_tokens";

    private MessageEnd() {}

    /**
     * The event that stands for all that have told of the end so far; the event itself if nothing has to be changed.
     *
     * @param start the first event of the message, whose figures are better than zeros; null if there was none, or nothing was
     *     said, so that zeros are right
     * @param before the end as it was known before, null if it was not
     * @param called whether the message has a tool call
     */
    static AnswerChunk after(
            @Nullable AnswerChunk start, @Nullable AnswerChunk before, AnswerChunk event, boolean called) {
        Usage counted = event.usage();
        Usage first = start == null ? null : start.usage();
        boolean lost = first != null
                && counted != null
                && lost(first, counted, event.tree().path("usage"));
        boolean figured = event.tree().path("usage").path(OUTPUT).isNumber();
        if (before == null && !lost && figured && isPlain(event)) {
            return event;
        }
        ObjectNode whole = Json.MAPPER.createObjectNode();
        if (before != null) {
            whole.setAll((ObjectNode) before.tree().deepCopy());
        }
        for (Map.Entry<String, JsonNode> field : event.tree().properties()) {
            switch (field.getKey()) {
                case "delta" -> last(field.getValue(), object(whole, "delta"));
                case "usage" -> figures(field.getValue(), object(whole, "usage"));
                default -> whole.set(field.getKey(), field.getValue());
            }
        }
        if (start != null && whole.path("usage") instanceof ObjectNode known) {
            onlyLost(start.tree().path("message").path("usage"), known);
        }
        ObjectNode usage = object(whole, "usage");
        if (!usage.path(OUTPUT).isNumber()) {
            usage.put(OUTPUT, first == null ? 0 : first.completion());
        }
        reason(object(whole, "delta"), called);
        AnswerChunk made = MessagesChunk.read(Json.bytes(whole));
        return made == null ? event : made;
    }

    /** Puts the protocol's word in the place of a vendor's, and null in the place of none; true if there was another word. */
    static boolean reason(ObjectNode fields, boolean called) {
        if (!(fields.get(REASON) instanceof TextNode given)) {
            return false;
        }
        String word = given.textValue();
        if (FinishReasons.isMessages(word)) {
            return false;
        }
        if (FinishFailures.isNone(word)) {
            fields.putNull(REASON);
        } else {
            fields.put(REASON, FinishReasons.messages(word, called));
        }
        return true;
    }

    private static boolean isPlain(AnswerChunk event) {
        return event.choices().stream().allMatch(choice -> FinishReasons.isMessages(choice.finish()));
    }

    private static boolean lost(Usage first, Usage counted, JsonNode usage) {
        return (first.completion() > 0 && counted.completion() == 0)
                || (first.prompt() > 0 && counted.prompt() == 0 && usage.has("input_tokens"));
    }

    private static void last(JsonNode from, ObjectNode into) {
        for (Map.Entry<String, JsonNode> field : from.properties()) {
            boolean none = field.getValue().isNull()
                    || (field.getKey().equals(REASON)
                            && FinishFailures.isNone(field.getValue().asText("")));
            if (!none || !into.has(field.getKey())) {
                into.set(field.getKey(), field.getValue());
            }
        }
    }

    private static void figures(JsonNode from, ObjectNode into) {
        for (Map.Entry<String, JsonNode> field : from.properties()) {
            if (Usages.replaces(field.getValue(), into.path(field.getKey()))) {
                into.set(field.getKey(), field.getValue());
            }
        }
    }

    /** Puts the figures of the beginning in the place of zeros. */
    private static void onlyLost(JsonNode first, ObjectNode usage) {
        for (String field : usage.properties().stream().map(Map.Entry::getKey).toList()) {
            JsonNode now = usage.path(field);
            if (first.path(field).isNumber() && now.isNumber() && now.asLong() == 0) {
                usage.set(field, first.path(field));
            }
        }
    }

    private static ObjectNode object(ObjectNode tree, String field) {
        return tree.get(field) instanceof ObjectNode known ? known : tree.putObject(field);
    }
}
