package io.bactrian.protocol.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Usage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chunk of a stream of legacy completions. Not thread-safe. */
final class CompletionChunk extends AnswerChunk {
    private static final String FINISH = "finish_reason";
    private static final String USAGE = "usage";

    private boolean foreign;

    private CompletionChunk(byte[] json) {
        super(json);
    }

    /** Reads a chunk; null if the bytes are not JSON. */
    static @Nullable CompletionChunk read(byte[] json) {
        CompletionChunk chunk = scan(json);
        // The data of an event may span several lines, but not in what is written to the caller.
        return chunk == null || !hasSeveralLines(json) ? chunk : scan(Json.bytes(chunk.tree()));
    }

    private static CompletionChunk of(ObjectNode tree) {
        CompletionChunk chunk = scan(Json.bytes(tree));
        if (chunk == null) {
            throw new IllegalStateException("a chunk that cannot be read");
        }
        chunk.tree(tree);
        return chunk;
    }

    private static @Nullable CompletionChunk scan(byte[] json) {
        try (JsonParser parser = Json.parser(json)) {
            CompletionChunk chunk = new CompletionChunk(json);
            JsonToken first = parser.nextToken();
            if (first == JsonToken.START_OBJECT) {
                chunk.top(parser);
                // A server may answer with chat: that is no completion.
                chunk.object = !chunk.foreign;
            } else {
                chunk.mayBeError = true;
                parser.skipChildren();
            }
            return first == null || parser.nextToken() != null ? null : chunk;
        } catch (IOException e) {
            Json.notRead(e);
            return null;
        }
    }

    @Override
    public boolean isCanonical() {
        return false;
    }

    @Override
    public boolean isUsageOnly() {
        return counts && choices().isEmpty();
    }

    @Override
    public @Nullable Usage usage() {
        return counts ? Usage.of(tree().path(USAGE)) : null;
    }

    @Override
    public @Nullable AnswerChunk withoutReason() {
        if (!words) {
            return null;
        }
        ObjectNode tree = tree().deepCopy();
        if (counts) {
            tree.remove(USAGE);
        }
        for (JsonNode choice : tree.path("choices")) {
            if (choice instanceof ObjectNode part && part.has(FINISH)) {
                part.putNull(FINISH);
            }
        }
        return of(tree);
    }

    @Override
    public List<AnswerChunk> finishes() {
        if (choices().size() == 1 && !words) {
            return List.of(this);
        }
        List<AnswerChunk> ends = new ArrayList<>();
        for (JsonNode choice : tree().path("choices")) {
            if (choice instanceof ObjectNode part
                    && !FinishFailures.reason(part.path(FINISH)).isEmpty()) {
                ObjectNode end = tree().deepCopy();
                end.putArray("choices").add(withoutText(part));
                ends.add(of(end));
            }
        }
        return ends;
    }

    /** A choice without its text and the figures for it, such as the probabilities of its tokens. */
    private static ObjectNode withoutText(ObjectNode choice) {
        ObjectNode rest = choice.deepCopy();
        rest.put("text", "");
        choice.properties().forEach(field -> {
            if (field.getValue().isContainerNode()) {
                rest.putNull(field.getKey());
            }
        });
        return rest;
    }

    private void top(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "choices" -> {
                    if (value == JsonToken.START_ARRAY) {
                        choices(parser);
                    } else {
                        parser.skipChildren();
                    }
                }
                case USAGE -> {
                    counts |= value == JsonToken.START_OBJECT;
                    parser.skipChildren();
                }
                // The classifier looks at every chunk that could be an error.
                case "object" -> {
                    mayBeError |= !CompletionDocument.OBJECT.equals(parser.getText());
                    parser.skipChildren();
                }
                case "error", "type", "detail", "statusCode" -> {
                    mayBeError |= value != JsonToken.VALUE_NULL;
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void choices(JsonParser parser) throws IOException {
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
            if (token == JsonToken.START_OBJECT) {
                choice(parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private void choice(JsonParser parser) throws IOException {
        int index = 0;
        String finish = "";
        boolean texts = false;
        boolean chat = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("text") && value == JsonToken.VALUE_STRING) {
                texts = true;
                say(parser.getText());
            } else if (name.equals(FINISH) && value == JsonToken.VALUE_STRING) {
                finish = FinishFailures.reason(parser.getText());
            } else if (name.equals("index") && value == JsonToken.VALUE_NUMBER_INT) {
                index = parser.getIntValue();
            } else {
                chat |= name.equals("delta") || name.equals("message");
                mayBeError |= name.equals("error") && value != JsonToken.VALUE_NULL;
                parser.skipChildren();
            }
        }
        foreign |= chat && !texts;
        choice(index, finish);
    }

    private void say(String more) {
        words |= !more.isEmpty();
        text = text.isEmpty() ? more : text + more;
    }
}
