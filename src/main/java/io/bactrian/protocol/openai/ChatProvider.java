package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.SchemaCheck;
import io.bactrian.protocol.TranslationFailure;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.MessagesToChat;
import io.bactrian.protocol.translation.PortableIds;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI Chat Completions. For callers who speak it too the request goes out as it came; for the others it is translated. The
 * answer comes back as it is.
 */
public final class ChatProvider implements ProviderProtocol {
    private static final Set<Capability> ALWAYS =
            Set.of(Capability.PREFILL, Capability.STREAMING, Capability.STREAM_OPTIONS, Capability.LONG_IDS);

    private static final Set<Capability> WITH_FOREIGN_IDS = and(ALWAYS, Capability.FOREIGN_IDS);
    private static final Set<Capability> TRANSLATED = and(ALWAYS, Capability.SAMPLING, Capability.EFFORT);
    private static final Set<Capability> TRANSLATED_WITH_TOOLS = and(TRANSLATED, Capability.TOOLS_WITH_EFFORT);

    private static final Events AS_IT_IS = new Events() {
        @Override
        public @Nullable AnswerChunk read(byte[] data) {
            return AnswerChunk.read(data);
        }

        @Override
        public List<AnswerChunk> chunks(AnswerChunk event) {
            return event.isObject() ? List.of(event) : List.of();
        }

        @Override
        public List<AnswerChunk> end() {
            return List.of();
        }

        @Override
        public boolean ended() {
            return false;
        }

        @Override
        public Sign sign() {
            return Sign.NONE;
        }
    };

    @Override
    public String path() {
        return "/chat/completions";
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        if (request.dialect() == CallerProtocol.MESSAGES) {
            return translated(request, target, options);
        }
        byte[] body = portable(request, options)
                .forTarget(target.model(), options.stream(), options.with(Capability.STREAM_OPTIONS), target.body());
        return new Encoded(body, Map.of(), List.of());
    }

    /** The request with ids of tool calls that the target takes; itself where they are such already. */
    private static ChatRequest portable(ChatRequest request, CallOptions options) {
        if (!options.with(Capability.LONG_IDS)) {
            ObjectNode rewritten = PortableIds.nineLetters(request.tree());
            return rewritten.equals(request.tree()) ? request : ChatRequest.of(CallerProtocol.CHAT, rewritten);
        }
        return request.foreignIds() && !options.with(Capability.FOREIGN_IDS)
                ? ChatRequest.of(CallerProtocol.CHAT, PortableIds.chat(request.tree()))
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
            Translated translated = MessagesToChat.request(request.tree(), model, options.stream());
            Translated taken = options.with(Capability.LONG_IDS)
                    ? translated
                    : new Translated(PortableIds.nineLetters(translated.body()), translated.dropped());
            return Encoded.of(taken, target, Map.of());
        } catch (Untranslatable e) {
            throw TranslationFailure.of(e);
        }
    }

    /** OpenAI's own models refuse the old name, many compatible servers know no other. */
    private static String maxTokensField(Target target) {
        String host = String.valueOf(target.provider().baseUrl().getHost()).toLowerCase(Locale.ROOT);
        return host.endsWith("openai.com") || host.endsWith("openai.azure.com")
                ? "max_completion_tokens"
                : "max_tokens";
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        if (request.dialect() == CallerProtocol.CHAT) {
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
    public @Nullable String unsupported(ChatRequest request) {
        return request.dialect() == CallerProtocol.CHAT || request.ownOnly().isEmpty()
                ? null
                : request.ownOnly().iterator().next();
    }

    @Override
    public @Nullable Consumer<String> check(ChatRequest request) {
        if (request.dialect() == CallerProtocol.CHAT || !request.needs().contains(Feature.JSON_SCHEMA)) {
            return null;
        }
        JsonNode format = request.tree().path("output_config").path("format");
        return SchemaCheck.of(
                (format.isObject() ? format : request.tree().path("output_format")).path("schema"),
                "output_config.format.schema");
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return AS_IT_IS;
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request, CallOptions options) {
        JsonNode choices = answer.path("choices");
        return choices.isArray() && !choices.isEmpty() && choices.get(0).has("message") ? answer : null;
    }
}
