package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import java.util.Map;
import java.util.Set;

/**
 * The course of one choice of a stream, without its words: it tells what a whole message adds to what was said before. Not
 * thread-safe.
 */
final class ChoiceSoFar {
    private static final Set<String> REASONING = Set.of("reasoning_content", "reasoning");
    private static final Set<String> OTHERS = Set.of("refusal", "audio", "function_call", ContentParts.OTHERS);

    private final TextSoFar words = new TextSoFar();
    private final TextSoFar thoughts = new TextSoFar();
    private boolean begun;
    private boolean said;
    private boolean called;
    private boolean thought;
    private boolean others;

    /** Whether a chunk has to change because the role is missing in the first one, or comes once more. */
    boolean roleIsWrong(boolean given) {
        return given == begun;
    }

    /** Whether it has had content. */
    boolean hasSaid() {
        return said;
    }

    /** Whether it has had a tool call. */
    boolean hasCalled() {
        return called;
    }

    /** Notes a chunk with a delta of this choice alone. */
    void note(AnswerChunk chunk) {
        begun = true;
        said |= chunk.hasWords() || chunk.hasTools();
        called |= chunk.hasTools();
        thought |= chunk.hasThoughts();
        others |= chunk.hasUncontinuableContent();
        words.add(chunk.text());
    }

    /** Notes a delta. */
    void note(ObjectNode delta) {
        said |= ChatDeviations.says(delta);
        called |= !delta.path("tool_calls").isEmpty();
        thought |= REASONING.stream().anyMatch(field -> ChatDeviations.isSomething(delta.path(field)));
        others |= OTHERS.stream().anyMatch(field -> ChatDeviations.isSomething(delta.path(field)));
        ObjectNode copy = delta.path("content").isContainerNode() ? delta.deepCopy() : delta;
        ContentParts.mend(copy, 0);
        words.add(copy.path("content").asText(""));
    }

    /** Puts the role where official libraries need it: in the first chunk alone. */
    void role(ObjectNode delta) {
        if (begun) {
            delta.remove("role");
        } else if (delta.path("role").asText("").isEmpty()) {
            delta.put("role", "assistant");
        }
        begun = true;
    }

    /**
     * Writes what a whole message adds into the delta of its chunk.
     *
     * @param ended whether the message has a finish reason
     * @param beside whether the delta has content of its own, which the message then contains
     * @throws CallFailed INVALID_RESPONSE if the message is not what was said so far and more
     */
    void add(ObjectNode message, ObjectNode delta, boolean ended, boolean beside) {
        ContentParts.mend(message, 0);
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (name.equals("content")) {
                content(value, delta, ended, beside);
            } else if (REASONING.contains(name)) {
                reasoning(name, value, delta, ended);
            } else if (value instanceof ArrayNode calls && name.equals("tool_calls")) {
                calls(calls, delta);
            } else if (!delta.has(name) && !(others && OTHERS.contains(name))) {
                delta.set(name, value);
            }
        }
        others |= OTHERS.stream().anyMatch(field -> ChatDeviations.isSomething(delta.path(field)));
        said |= ChatDeviations.says(delta);
    }

    private void content(JsonNode value, ObjectNode delta, boolean ended, boolean beside) {
        String rest = words.rest(value.isTextual() ? value.textValue() : "", ended);
        if (rest == null) {
            if (!beside) {
                throw new CallFailed(Failure.of(
                        FailureClass.INVALID_RESPONSE,
                        200,
                        "the stream has a message with other words than its chunks"));
            }
        } else if (!rest.isEmpty()) {
            delta.put("content", delta.path("content").asText("") + rest);
        } else if (!delta.has("content")) {
            delta.set("content", value.isTextual() ? delta.textNode("") : value);
        }
    }

    private void reasoning(String name, JsonNode value, ObjectNode delta, boolean ended) {
        if (!value.isTextual() || thought || delta.has(name)) {
            return;
        }
        String rest = delta.has("reasoning") || delta.has("reasoning_content")
                ? value.textValue()
                : thoughts.rest(value.textValue(), ended);
        if (rest != null && !rest.isEmpty()) {
            delta.put(name, rest);
        }
    }

    /** Adds the calls; after others, those that can be told from them by their ids. */
    private void calls(ArrayNode given, ObjectNode delta) {
        ArrayNode calls = Json.MAPPER.createArrayNode();
        for (int i = 0; i < given.size(); i++) {
            if (given.get(i) instanceof ObjectNode call
                    && (!called || call.path("id").isTextual())) {
                calls.add(call.put("index", call.path("index").asInt(i)));
            }
        }
        if (!calls.isEmpty() && !delta.path("tool_calls").isArray()) {
            called = true;
            delta.set("tool_calls", calls);
        }
    }
}
