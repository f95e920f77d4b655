package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.TranslationFailure;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.OtherForms;
import io.bactrian.protocol.translation.PortableIds;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's Chat Completions for providers. Requests of the same protocol pass as they came, others are translated. Answers need
 * no translation, because their form is the canonical one; what is not quite in that form is mended. Thread-safe.
 */
public final class ChatProvider implements ProviderProtocol {
    private static final String STREAM_OPTIONS = "stream_options";
    private static final Set<Capability> ALWAYS =
            Set.of(Capability.PREFILL, Capability.STREAMING, Capability.STREAM_OPTIONS, Capability.LONG_IDS);

    private static final Set<Capability> WITH_FOREIGN_IDS = and(ALWAYS, Capability.FOREIGN_IDS);
    private static final Set<Capability> TRANSLATED = and(ALWAYS, Capability.SAMPLING, Capability.EFFORT);
    private static final Set<Capability> TRANSLATED_WITH_TOOLS = and(TRANSLATED, Capability.TOOLS_WITH_EFFORT);

    private static final byte[] INCLUDE_USAGE = "{\"include_usage\":true}".getBytes(StandardCharsets.US_ASCII);

    private final ProviderProtocol embeddings = new EmbeddingsProvider();
    private final ProviderProtocol completions = new CompletionsProvider();

    @Override
    public String name() {
        return "openai";
    }

    @Override
    public String path() {
        return "/chat/completions";
    }

    @Override
    public ProviderProtocol serving(Service service) {
        return switch (service) {
            case CHAT -> this;
            case EMBEDDINGS -> embeddings;
            case COMPLETIONS -> completions;
        };
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return request.protocol() == ChatCompletions.PROTOCOL;
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        if (!isNative(request)) {
            return translated(request, target, options);
        }
        Set<String> dropped = new LinkedHashSet<>();
        ChatRequest portable =
                AdaptedRequest.of(portable(request, options), options, OtherForms::leadingInstructions, dropped);
        byte[] body = portable.forTarget(
                target.model(),
                options.stream(),
                target.body(),
                streamOptions(portable, options.stream() && options.with(Capability.STREAM_OPTIONS)));
        return new Encoded(body, Map.of(), List.copyOf(dropped));
    }

    /**
     * The change of the stream options that makes the provider send the usage: none if the caller's own do.
     *
     * @param wanted false for a request without a stream, or a target that does not accept them
     */
    static Map<String, byte @Nullable []> streamOptions(ChatRequest request, boolean wanted) {
        if (!wanted) {
            return Collections.singletonMap(STREAM_OPTIONS, null);
        }
        if (request.includeUsage()) {
            return Map.of();
        }
        return Map.of(
                STREAM_OPTIONS,
                request.has(STREAM_OPTIONS) && request.tree().get(STREAM_OPTIONS) instanceof ObjectNode given
                        ? Json.bytes(given.deepCopy().put("include_usage", true))
                        : INCLUDE_USAGE);
    }

    /** The request with tool call ids that the target accepts; the same object if nothing has to change. */
    private static ChatRequest portable(ChatRequest request, CallOptions options) {
        if (!options.with(Capability.LONG_IDS)) {
            ObjectNode rewritten = PortableIds.nineLetters(request.tree());
            return rewritten.equals(request.tree()) ? request : request.with(rewritten);
        }
        return request.foreignIds() && !options.with(Capability.FOREIGN_IDS)
                ? request.with(PortableIds.chat(request.tree()))
                : request;
    }

    private Encoded translated(ChatRequest request, Target target, CallOptions options) {
        check(request);
        ChatTarget model = new ChatTarget(
                target.model(),
                maxTokensField(target),
                options.with(Capability.SAMPLING),
                options.with(Capability.EFFORT),
                !options.with(Capability.TOOLS_WITH_EFFORT),
                options.with(Capability.STREAM_OPTIONS));
        try {
            Translated translated = request.protocol().toCanonical(request, model, options.stream());
            ObjectNode body =
                    options.with(Capability.LONG_IDS) ? translated.body() : PortableIds.nineLetters(translated.body());
            Set<String> dropped = new LinkedHashSet<>(translated.dropped());
            AdaptedRequest.adapt(body, options, OtherForms::leadingInstructions, dropped);
            return Encoded.of(new Translated(body, List.copyOf(dropped)), target, Map.of());
        } catch (Untranslatable e) {
            throw TranslationFailure.of(e);
        }
    }

    /** OpenAI's own models refuse the old name; many compatible servers know no other. */
    private static String maxTokensField(Target target) {
        String host = String.valueOf(target.provider().baseUrl().getHost()).toLowerCase(Locale.ROOT);
        return host.endsWith("openai.com") || host.endsWith("openai.azure.com")
                ? "max_completion_tokens"
                : "max_tokens";
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        if (isNative(request)) {
            return request.foreignIds() ? WITH_FOREIGN_IDS : ALWAYS;
        }
        return request.needs().contains(Feature.TOOLS) ? TRANSLATED_WITH_TOOLS : TRANSLATED;
    }

    private static Set<Capability> and(Set<Capability> some, Capability... more) {
        Set<Capability> all = EnumSet.copyOf(some);
        all.addAll(Set.of(more));
        return Set.copyOf(all);
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return new RightedEvents(new ChatEvents(callsFunctions(request)), request.choices() == 1);
    }

    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        ObjectNode right = ChatDeviations.document(answer, request.choices() == 1);
        if (right == null) {
            return null;
        }
        ObjectNode orderly = OrderlyAnswer.of(right, callsFunctions(request));
        if (orderly == null) {
            return null;
        }
        return orderly == answer
                ? new AnswerDocument(ChatCompletions.PROTOCOL, json, answer)
                : AnswerDocument.of(ChatCompletions.PROTOCOL, orderly);
    }

    /** Whether the caller asks for function calls in the form of old. */
    private static boolean callsFunctions(ChatRequest request) {
        return request.protocol() == ChatCompletions.PROTOCOL && request.has("functions");
    }
}
