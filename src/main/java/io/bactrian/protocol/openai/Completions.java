package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Service;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Ids;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's legacy completions for callers: texts that go on from a prompt, as editors ask for them. Thread-safe. */
public final class Completions extends UntranslatedProtocol {
    /** The one object of this protocol. */
    public static final Completions PROTOCOL = new Completions();

    private static final Set<String> PROMPT = Set.of("prompt", "suffix");

    private Completions() {}

    @Override
    public String name() {
        return "completions";
    }

    @Override
    public String path() {
        return "/v1/completions";
    }

    @Override
    public Service service() {
        return Service.COMPLETIONS;
    }

    @Override
    public RequestFields newRequestFields() {
        return new CompletionsRequestFields();
    }

    @Override
    public Set<String> promptFields() {
        return PROMPT;
    }

    @Override
    public @Nullable AnswerChunk chunk(byte[] json) {
        return CompletionChunk.read(json);
    }

    @Override
    public AnswerAssembler newAssembler() {
        return new CompletionsAssembler();
    }

    @Override
    public StreamWriter newStreamWriter(String requestId) {
        return new CompletionsStreamWriter();
    }

    @Override
    public Map<Integer, String> finishReasons(ObjectNode document) {
        return CompletionDocument.finishReasons(document);
    }

    @Override
    public String text(ObjectNode document) {
        return CompletionDocument.text(document);
    }

    @Override
    public @Nullable Usage usage(ObjectNode document) {
        return Usage.of(document.path("usage"));
    }

    @Override
    public ObjectNode staticAnswer(String model, String text, Instant now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("id", "cmpl-" + Ids.random())
                .put("object", CompletionDocument.OBJECT)
                .put("created", now.getEpochSecond())
                .put("model", model);
        document.putArray("choices")
                .addObject()
                .put("text", text)
                .put("index", 0)
                .putNull("logprobs")
                .put("finish_reason", "stop");
        addUsage(document, new Usage(0, 0));
        return document;
    }

    @Override
    public boolean isCacheable(ObjectNode document) {
        return finishReasons(document).values().stream()
                .noneMatch(reason -> reason.isEmpty() || reason.equals("content_filter") || reason.equals("error"));
    }

    @Override
    public boolean addUsage(ObjectNode document, Usage usage) {
        return ChatCompletions.PROTOCOL.addUsage(document, usage);
    }
}
