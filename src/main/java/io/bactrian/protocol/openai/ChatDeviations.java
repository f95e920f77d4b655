package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.translation.Ending;
import io.bactrian.protocol.translation.FinishReasons;
import io.bactrian.protocol.translation.Usages;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** The deviations of real servers from Chat Completions: what such an answer means, in the form of the protocol. Stateless. */
final class ChatDeviations {
    private static final String FINISH = "finish_reason";
    private static final String INDEX = "index";
    private static final String DELTA = "delta";
    private static final String MESSAGE = "message";
    private static final String TEXT = "text";
    private static final String CONTENT = "content";

    /** The fields of a message that are no content. */
    private static final Set<String> ABOUT = Set.of("role", "name", "id", "type", "object", "usage", "model");

    private ChatDeviations() {}

    /**
     * A chunk in the form of the protocol.
     *
     * @param index the index of its single choice; negative to keep those that the choices have
     * @param soFar what the choice with an index has said before the chunk; afterwards with the chunk
     * @throws io.bactrian.policy.CallFailed INVALID_RESPONSE if it contradicts what was said before
     */
    static ObjectNode chunk(ObjectNode chunk, int index, IntFunction<ChoiceSoFar> soFar) {
        ObjectNode right = chunk.deepCopy();
        if (!right.path("choices").isArray()) {
            right.putArray("choices");
        }
        JsonNode choices = right.path("choices");
        for (int i = 0; i < choices.size(); i++) {
            if (choices.get(i) instanceof ObjectNode choice) {
                int at = index < 0 || choices.size() > 1 ? choice.path(INDEX).asInt(i) : index;
                choice.put(INDEX, at);
                ObjectNode whole = whole(choice);
                if (whole != null || !choice.path(DELTA).isObject()) {
                    right.put("object", "chat.completion.chunk");
                }
                choice(choice, whole, soFar.apply(at));
            }
        }
        return right;
    }

    private static void choice(ObjectNode choice, @Nullable ObjectNode whole, ChoiceSoFar soFar) {
        ObjectNode delta = choice.get(DELTA) instanceof ObjectNode given ? given : choice.putObject(DELTA);
        boolean says = says(delta);
        soFar.note(delta);
        if (whole != null) {
            boolean ended = Ending.of(choice.path(FINISH).asText("")) != Ending.NONE;
            soFar.add(whole, delta, ended, says);
        }
        soFar.role(delta);
        choice.remove(MESSAGE);
        choice.remove(TEXT);
        reason(choice, soFar.hasCalled(), soFar.hasSaid());
    }

    /** The message or text that a choice has; null if it has none. */
    private static @Nullable ObjectNode whole(ObjectNode choice) {
        if (choice.path(MESSAGE) instanceof ObjectNode message) {
            return message.deepCopy();
        }
        boolean alone =
                choice.path(TEXT).isTextual() && !(choice.path(DELTA) instanceof ObjectNode delta && says(delta));
        return alone ? Json.MAPPER.createObjectNode().set(CONTENT, choice.path(TEXT)) : null;
    }

    /**
     * A document in the form of the protocol; the same object if it has that form.
     *
     * @param one whether the request asked for one answer
     * @return null if it is no answer, because a choice has no message or the message says nothing
     */
    static @Nullable ObjectNode document(ObjectNode document, boolean one) {
        if (!(document.path("choices") instanceof ArrayNode given) || given.isEmpty()) {
            return null;
        }
        if (fits(document, given, one)) {
            return document;
        }
        ObjectNode right = document.deepCopy();
        JsonNode choices = right.path("choices");
        Set<Integer> indexes = new HashSet<>();
        for (JsonNode node : choices) {
            if (!(node instanceof ObjectNode choice) || !message(choice)) {
                return null;
            }
            JsonNode message = choice.path(MESSAGE);
            reason(choice, !message.path("tool_calls").isEmpty(), says(message));
            indexes.add(choice.path(INDEX).isInt() ? choice.path(INDEX).intValue() : -1);
        }
        boolean counted = indexes.size() == choices.size() && !indexes.contains(-1);
        if (!counted || (one && choices.size() == 1 && !indexes.contains(0))) {
            for (int i = 0; i < choices.size(); i++) {
                ((ObjectNode) choices.get(i)).put(INDEX, i);
            }
        }
        JsonNode usage = Usages.inChat(right);
        if (usage.isObject() && usage != right.path("usage")) {
            right.set("usage", usage.deepCopy());
        }
        return right.equals(document) ? document : right;
    }

    /** Whether a document has the form of the protocol beyond doubt, as nearly all have. */
    private static boolean fits(ObjectNode document, ArrayNode choices, boolean one) {
        JsonNode choice = choices.path(0);
        JsonNode reason = choice.path(FINISH);
        return one
                && choices.size() == 1
                && choice.path(MESSAGE).path(CONTENT).isTextual()
                && choice.path(INDEX).isInt()
                && choice.path(INDEX).intValue() == 0
                && reason.isTextual()
                && FinishReasons.isChat(reason.textValue())
                && document.path("usage").path("prompt_tokens").asLong() > 0;
    }

    /** Gives a choice its message, which some servers put elsewhere; false if it has none. */
    private static boolean message(ObjectNode choice) {
        Ending ending = Ending.of(choice.path(FINISH).asText(""));
        if (!choice.path(MESSAGE).isObject()) {
            ObjectNode message = Json.MAPPER.createObjectNode().put("role", "assistant");
            if (choice.path(DELTA) instanceof ObjectNode delta) {
                message.setAll(delta);
            } else if (choice.path(TEXT).isTextual()) {
                message.set(CONTENT, choice.path(TEXT));
            } else if (ending == Ending.LENGTH) {
                return false;
            }
            if (!message.has(CONTENT)) {
                message.putNull(CONTENT);
            }
            choice.remove(DELTA);
            choice.remove(TEXT);
            choice.set(MESSAGE, message);
        }
        JsonNode content = choice.path(MESSAGE).path(CONTENT);
        return content.isTextual()
                || says(choice.path(MESSAGE))
                || switch (ending) {
                    // It was cut off or blocked before it said anything; or the reason means a failure.
                    case LENGTH, WINDOW, FILTER, OVERLOAD, FAILURE, UNKNOWN -> true;
                    case NONE, STOP, TOOLS -> false;
                };
    }

    /** Whether a message or delta has content: words, a tool call, a refusal, reasoning, audio. */
    static boolean says(JsonNode message) {
        return message.properties().stream()
                .anyMatch(field -> !ABOUT.contains(field.getKey()) && isSomething(field.getValue()));
    }

    static boolean isSomething(JsonNode value) {
        return value.isTextual() ? !value.textValue().isEmpty() : value.isContainerNode() && !value.isEmpty();
    }

    /** Puts the protocol's word in the place of a vendor's, and null in the place of none. */
    private static void reason(ObjectNode choice, boolean calls, boolean said) {
        JsonNode given = choice.path(FINISH);
        if (!given.isTextual() || FinishReasons.isChat(given.textValue())) {
            return;
        }
        if (Ending.of(given.textValue()) == Ending.NONE) {
            choice.putNull(FINISH);
        } else {
            choice.put(FINISH, FinishReasons.chat(given.textValue(), calls, said));
        }
    }
}
