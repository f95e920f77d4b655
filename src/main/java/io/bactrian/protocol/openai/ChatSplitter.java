package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A splitter of a whole answer into the chunks of a stream, for providers that send a document when asked for a stream.
 * Stateless.
 */
public final class ChatSplitter {
    private ChatSplitter() {}

    /**
     * The chunks of an answer.
     *
     * @param usage whether the usage follows as a chunk of its own
     */
    public static List<ObjectNode> chunks(ObjectNode document, boolean usage) {
        List<ObjectNode> chunks = new ArrayList<>();
        for (JsonNode choice : document.path("choices")) {
            JsonNode message = choice.path("message");
            ObjectNode delta = message.isObject() ? message.deepCopy() : Json.MAPPER.createObjectNode();
            if (delta.get("tool_calls") instanceof ArrayNode calls) {
                for (int i = 0; i < calls.size(); i++) {
                    if (calls.get(i) instanceof ObjectNode call) {
                        call.put("index", i);
                    }
                }
            }
            ObjectNode first = chunk(document, choice, delta, null);
            chunks.add(first);
            rest(choice, (ObjectNode) first.path("choices").get(0));
            chunks.add(chunk(
                    document,
                    choice,
                    Json.MAPPER.createObjectNode(),
                    FinishFailures.ofDocument(choice.path("finish_reason"))));
        }
        if (usage && document.has("usage")) {
            ObjectNode last = head(document);
            last.putArray("choices");
            last.set("usage", document.get("usage"));
            chunks.add(last);
        }
        return chunks;
    }

    private static ObjectNode chunk(ObjectNode document, JsonNode choice, ObjectNode delta, @Nullable String finish) {
        ObjectNode chunk = head(document);
        ObjectNode part = chunk.putArray("choices").addObject();
        part.put("index", choice.path("index").asInt());
        part.set("delta", delta);
        part.put("finish_reason", finish == null || finish.isEmpty() ? null : finish);
        return chunk;
    }

    /** Copies the fields beside the message of a choice, such as log probabilities. */
    private static void rest(JsonNode choice, ObjectNode part) {
        choice.properties().forEach(field -> {
            if (!part.has(field.getKey()) && !field.getKey().equals("message")) {
                part.set(field.getKey(), field.getValue());
            }
        });
    }

    private static ObjectNode head(ObjectNode document) {
        ObjectNode chunk = document.deepCopy();
        chunk.remove(List.of("choices", "usage"));
        return chunk.put("object", "chat.completion.chunk");
    }
}
