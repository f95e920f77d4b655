package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.TranslationFailure;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The toy protocol for providers. Thread-safe. */
final class ToyProvider implements ProviderProtocol {
    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String path() {
        return "/toy";
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return request.protocol() == ToyCaller.PROTOCOL;
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        if (isNative(request)) {
            byte[] body = request.forTarget(target.model(), options.stream(), target.body(), Map.of());
            return new Encoded(body, Map.of(), List.of());
        }
        try {
            ChatTarget model = ChatTarget.of(target.model());
            Translated canonical = request.protocol().toCanonical(request, model, options.stream());
            ObjectNode toy = ToyTranslation.toyRequest(canonical.body(), target.model(), options.stream());
            return Encoded.of(new Translated(toy, canonical.dropped()), target, Map.of());
        } catch (Untranslatable e) {
            throw TranslationFailure.of(e);
        }
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return Set.of(Capability.PREFILL, Capability.STREAMING);
    }

    @Override
    public @Nullable String unsupported(ChatRequest request) {
        return request.needs().stream()
                .findFirst()
                .map(Feature::label)
                .orElseGet(() -> ProviderProtocol.super.unsupported(request));
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return new ToyEvents(asItIs(request, options));
    }

    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        if (!answer.path("said").isTextual()) {
            return null;
        }
        return asItIs(request, options)
                ? new AnswerDocument(ToyCaller.PROTOCOL, json, answer)
                : AnswerDocument.of(ChatCompletions.PROTOCOL, ToyTranslation.chatAnswer(answer));
    }

    /** An answer that another call began is continued in the canonical form. */
    private boolean asItIs(ChatRequest request, CallOptions options) {
        return isNative(request) && options.rescue() == null;
    }
}
