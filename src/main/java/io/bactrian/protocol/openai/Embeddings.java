package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.RequestBounds;
import io.bactrian.config.Service;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's embeddings for callers: vectors for texts, always in one document. Thread-safe. */
public final class Embeddings extends UntranslatedProtocol {
    /** The one object of this protocol. */
    public static final Embeddings PROTOCOL = new Embeddings();

    private static final Set<String> PROMPT = Set.of("input");
    /** A document is only made of an answer whose vectors are all there. */
    private static final Map<Integer, String> WHOLE = Map.of(0, "stop");

    private Embeddings() {}

    @Override
    public String name() {
        return "embeddings";
    }

    @Override
    public String path() {
        return "/v1/embeddings";
    }

    @Override
    public Service service() {
        return Service.EMBEDDINGS;
    }

    @Override
    public RequestFields newRequestFields() {
        return new EmbeddingsRequestFields();
    }

    @Override
    public ChatRequest read(byte[] body, RequestBounds bounds) {
        ChatRequest request = super.read(body, bounds);
        if (request.stream()) {
            throw RequestRejected.invalid("stream", "Embeddings are not streamed. Leave out 'stream'.");
        }
        return request;
    }

    @Override
    public Set<String> promptFields() {
        return PROMPT;
    }

    @Override
    public @Nullable AnswerChunk chunk(byte[] json) {
        return null;
    }

    @Override
    public AnswerAssembler newAssembler() {
        throw new UnsupportedOperationException("embeddings are not streamed");
    }

    @Override
    public StreamWriter newStreamWriter(String requestId) {
        throw new UnsupportedOperationException("embeddings are not streamed");
    }

    @Override
    public Map<Integer, String> finishReasons(ObjectNode document) {
        return WHOLE;
    }

    @Override
    public String text(ObjectNode document) {
        return "";
    }

    /** Only what was read counts; some servers have no other figure than the total. */
    @Override
    public @Nullable Usage usage(ObjectNode document) {
        JsonNode usage = document.path("usage");
        Usage counted = Usage.of(usage);
        return counted == null
                ? null
                : new Usage(
                        Math.max(counted.prompt(), usage.path("total_tokens").asLong(0)), 0);
    }

    @Override
    public boolean isCacheable(ObjectNode document) {
        return true;
    }
}
