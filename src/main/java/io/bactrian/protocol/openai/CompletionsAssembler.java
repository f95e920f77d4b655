package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.Json;
import java.util.Map;
import java.util.TreeMap;

/** An assembler of one document from the chunks of a stream of legacy completions. Not thread-safe. */
final class CompletionsAssembler implements AnswerAssembler {
    private final ObjectNode document = Json.MAPPER.createObjectNode();
    private final Map<Integer, Choice> choices = new TreeMap<>();

    /** A choice so far: its text and its other fields. */
    private record Choice(StringBuilder text, ObjectNode rest) {}

    @Override
    public void add(ObjectNode chunk) {
        chunk.properties().forEach(field -> {
            boolean known = document.hasNonNull(field.getKey());
            if (!field.getKey().equals("choices") && (!known || field.getKey().equals("usage"))) {
                document.set(field.getKey(), field.getValue());
            }
        });
        for (JsonNode choice : chunk.path("choices")) {
            add(choice);
        }
    }

    private void add(JsonNode more) {
        Choice choice = choices.computeIfAbsent(
                more.path("index").asInt(),
                index -> new Choice(
                        new StringBuilder(), Json.MAPPER.createObjectNode().put("index", index)));
        more.properties().forEach(field -> {
            switch (field.getKey()) {
                case "index" -> {}
                case "text" -> choice.text().append(field.getValue().asText(""));
                case "logprobs" -> probabilities(choice.rest(), field.getValue());
                default -> {
                    if (!field.getValue().isNull() || !choice.rest().has(field.getKey())) {
                        choice.rest().set(field.getKey(), field.getValue());
                    }
                }
            }
        });
    }

    /** Joins the lists, one for each kind of figure, that have an entry for each token. */
    private static void probabilities(ObjectNode choice, JsonNode more) {
        if (!(choice.get("logprobs") instanceof ObjectNode known) || !more.isObject()) {
            if (!more.isNull() || !choice.has("logprobs")) {
                choice.set("logprobs", more.deepCopy());
            }
            return;
        }
        more.properties().forEach(field -> {
            if (known.get(field.getKey()) instanceof ArrayNode list && field.getValue() instanceof ArrayNode items) {
                list.addAll(items);
            } else if (!known.hasNonNull(field.getKey())) {
                known.set(field.getKey(), field.getValue().deepCopy());
            }
        });
    }

    @Override
    public ObjectNode document() {
        ObjectNode whole = document.deepCopy();
        ArrayNode list = whole.putArray("choices");
        choices.values().forEach(choice -> {
            ObjectNode out = list.addObject().put("text", choice.text().toString());
            out.setAll(choice.rest());
        });
        return whole;
    }
}
