package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Continuation;
import io.bactrian.protocol.ConversationKey;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestFields;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.stream.Seam;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The toy protocol for callers. Thread-safe. */
final class ToyCaller implements CallerProtocol {
    static final ToyCaller PROTOCOL = new ToyCaller();

    private ToyCaller() {}

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String path() {
        return "/toy";
    }

    // --- Requests

    @Override
    public RequestFields newRequestFields() {
        return new ToyRequestFields();
    }

    @Override
    public Set<String> promptFields() {
        return Set.of("turns", "ask", "begun");
    }

    @Override
    public Set<String> silentFields() {
        return Set.of();
    }

    @Override
    public ConversationKey conversationKey(ChatRequest request) {
        JsonNode first = request.tree().path("turns").path(0).path("asked");
        String begin =
                first.isTextual() ? first.asText() : request.tree().path("ask").asText();
        return new ConversationKey(ConversationKey.hash(begin), first.isTextual());
    }

    @Override
    public Set<String> incidentalFields() {
        return Set.of("model", "stream", "fallbacks");
    }

    @Override
    public List<String> forwardedHeaders() {
        return List.of("x-toy-tag");
    }

    @Override
    public boolean hasToolTurns(ObjectNode request) {
        return false;
    }

    @Override
    public Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) {
        return new Translated(ToyTranslation.chatRequest(request.tree(), target, stream), List.of());
    }

    @Override
    public ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way) {
        ObjectNode tree = request.tree().deepCopy();
        String begun = tree.path("begun").asText("") + Seam.prefix(committed);
        if (way == Rescue.PREFILL) {
            tree.put("begun", begun);
        } else {
            tree.withArray("turns")
                    .addObject()
                    .put("asked", tree.path("ask").asText())
                    .put("said", begun);
            tree.put("ask", Continuation.GO_ON).remove("begun");
        }
        if (tree.path("limit").isInt()) {
            tree.put("limit", Math.max(1, tree.path("limit").asLong() - tokens));
        }
        return ChatRequest.of(this, tree);
    }

    @Override
    public @Nullable Consumer<String> schemaCheck(ChatRequest request) {
        return null;
    }

    // --- Answers

    @Override
    public @Nullable AnswerChunk chunk(byte[] json) {
        return ToyChunk.read(json);
    }

    @Override
    public AnswerAssembler newAssembler() {
        return new ToyAssembler();
    }

    @Override
    public StreamWriter newStreamWriter(String requestId) {
        return new ToyStreamWriter();
    }

    @Override
    public ObjectNode fromCanonical(ObjectNode document) {
        return ToyTranslation.toyAnswer(document);
    }

    @Override
    public Map<Integer, String> finishReasons(ObjectNode document) {
        return Map.of(0, ToyTranslation.finishReason(document.path("ended").asText("whole")));
    }

    @Override
    public String text(ObjectNode document) {
        return document.path("said").asText("");
    }

    @Override
    public @Nullable Usage usage(ObjectNode document) {
        return ToyTranslation.usage(document.path("spent"));
    }

    @Override
    public ObjectNode staticAnswer(String model, String text, Instant now) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        document.put("said", text).put("ended", "whole");
        document.putObject("spent").put("read", 0).put("wrote", 0);
        return document;
    }

    @Override
    public boolean isCacheable(ObjectNode document) {
        return document.path("ended").asText().equals("whole")
                && !document.path("said").asText().isBlank();
    }

    // --- Errors and headers

    @Override
    public ObjectNode error(Problem problem, String requestId) {
        ObjectNode document = Json.MAPPER.createObjectNode();
        document.put("failed", problem.message()).put("code", problem.code());
        problem.addAttempts(document);
        return document;
    }

    @Override
    public int status(Problem problem) {
        return problem.status() == 503 ? 500 : problem.status();
    }

    @Override
    public List<String> requestIdHeaders() {
        return List.of("x-request-id");
    }

    @Override
    public String limitHeader(String kind, String figure) {
        return "x-toy-" + kind + "-" + figure;
    }

    @Override
    public String limitReset(long waitMillis, long now) {
        return Long.toString(Math.ceilDiv(waitMillis, 1000));
    }
}
