package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** OpenAI's legacy completions for providers. Requests and answers pass as they came. Thread-safe. */
final class CompletionsProvider implements ProviderProtocol {
    private static final Set<Capability> NEGOTIABLE = Set.of(Capability.STREAMING, Capability.STREAM_OPTIONS);

    /** The fields that a target may be asked without: they say nothing about which text is wanted, nor how much of it. */
    private static final Set<String> OPTIONAL = Set.of(
            "cache_prompt",
            "frequency_penalty",
            "keep_alive",
            "metadata",
            "min_p",
            "presence_penalty",
            "priority",
            "prompt_cache_key",
            "prompt_cache_retention",
            "random_seed",
            "repeat_penalty",
            "repetition_penalty",
            "safety_identifier",
            "seed",
            "service_tier",
            "session_id",
            "store",
            "temperature",
            "top_a",
            "top_k",
            "top_p",
            "transforms",
            "typical_p",
            "user");

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
        Set<String> dropped = new LinkedHashSet<>();
        byte[] body = AdaptedRequest.of(request, optional(request, options), others -> {}, dropped)
                .forTarget(target.model(), options.stream(), target.body(), streamOptions);
        return new Encoded(body, Map.of(), List.copyOf(dropped));
    }

    /** The options with no other fields to leave out than those that may be. */
    private static CallOptions optional(ChatRequest request, CallOptions options) {
        if (options.fields().isEmpty()) {
            return options;
        }
        Set<String> fields = new HashSet<>(options.fields());
        fields.removeIf(field ->
                !OPTIONAL.contains(field) && !request.tree().path(field).isNull());
        return new CallOptions(options.stream(), options.without(), fields, options.negotiable(), options.rescue());
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
