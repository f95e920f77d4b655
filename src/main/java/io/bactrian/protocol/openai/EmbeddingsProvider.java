package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's embeddings for providers. An answer without a vector for each input is none. Thread-safe. */
final class EmbeddingsProvider implements ProviderProtocol {
    @Override
    public String name() {
        return "openai-embeddings";
    }

    @Override
    public String path() {
        return "/embeddings";
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return request.protocol() == Embeddings.PROTOCOL;
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        return new Encoded(request.forTarget(target.model(), false, target.body(), Map.of()), Map.of(), List.of());
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return Set.of();
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return new UntranslatedEvents(request.protocol());
    }

    @Override
    public @Nullable AnswerDocument scan(byte[] json, ChatRequest request) {
        EmbeddingsDocument document = EmbeddingsDocument.read(json);
        return document != null
                        && document.isAnswer()
                        && document.vectors() == request.choices()
                        && document.mixUp() == null
                ? new AnswerDocument(Embeddings.PROTOCOL, json, document.rest())
                : null;
    }

    /** Reads what the scan did not take for an answer, to say why. */
    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        EmbeddingsDocument document = EmbeddingsDocument.read(json);
        if (document != null && document.isAnswer()) {
            String mixUp = document.mixUp();
            throw new CallFailed(Failure.of(
                    FailureClass.INVALID_RESPONSE,
                    200,
                    mixUp != null && document.vectors() == request.choices()
                            ? mixUp
                            : "the answer has %d vectors for %d inputs"
                                    .formatted(document.vectors(), request.choices())));
        }
        return null;
    }
}
