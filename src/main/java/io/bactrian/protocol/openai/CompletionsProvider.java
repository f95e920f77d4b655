package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's legacy completions for providers. Requests and answers pass as they came. Thread-safe. */
final class CompletionsProvider implements ProviderProtocol {
    private static final Set<Capability> NEGOTIABLE = Set.of(Capability.STREAMING, Capability.STREAM_OPTIONS);

    @Override
    public String name() {
        return "openai-completions";
    }

    @Override
    public String path() {
        return "/completions";
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return request.protocol() == Completions.PROTOCOL;
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        Map<String, byte @Nullable []> streamOptions =
                ChatProvider.streamOptions(request, options.stream() && options.with(Capability.STREAM_OPTIONS));
        return new Encoded(
                request.forTarget(target.model(), options.stream(), target.body(), streamOptions), Map.of(), List.of());
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return NEGOTIABLE;
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return new UntranslatedEvents(request.protocol());
    }

    /** Some servers answer the first of several prompts only. */
    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        boolean missing = request.batch() && answer.path("choices").size() < request.choices();
        return CompletionDocument.isAnswer(answer) && !missing
                ? new AnswerDocument(Completions.PROTOCOL, json, answer)
                : null;
    }
}
