package io.bactrian.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.Asking;
import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Dialect;
import io.bactrian.chat.Lack;
import io.bactrian.config.Feature;
import io.bactrian.config.Target;
import io.bactrian.translation.ChatTarget;
import io.bactrian.translation.MessagesToChat;
import io.bactrian.translation.PortableIds;
import io.bactrian.translation.Translated;
import io.bactrian.translation.Untranslatable;
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
public final class OpenAiWire implements Wire {
    private static final Set<Lack> ALWAYS = Set.of(Lack.PREFILL, Lack.STREAMING, Lack.STREAM_OPTIONS, Lack.LONG_IDS);

    private static final Set<Lack> WITH_FOREIGN_IDS = and(ALWAYS, Lack.FOREIGN_IDS);
    private static final Set<Lack> TRANSLATED = and(ALWAYS, Lack.SAMPLING, Lack.EFFORT);
    private static final Set<Lack> TRANSLATED_WITH_TOOLS = and(TRANSLATED, Lack.TOOLS_WITH_EFFORT);

    private static final Events AS_IT_IS = new Events() {
        @Override
        public @Nullable Chunk read(byte[] data) {
            return Chunk.read(data);
        }

        @Override
        public List<Chunk> chunks(Chunk event) {
            return event.isObject() ? List.of(event) : List.of();
        }

        @Override
        public List<Chunk> end() {
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
    public Encoded encode(ChatRequest request, Target target, Asking asking) {
        if (request.dialect() == Dialect.MESSAGES) {
            return translated(request, target, asking);
        }
        byte[] body = portable(request, asking)
                .forTarget(target.model(), asking.stream(), asking.with(Lack.STREAM_OPTIONS), target.body());
        return new Encoded(body, Map.of(), List.of());
    }

    /** The request with ids of tool calls that the target takes; itself where they are such already. */
    private static ChatRequest portable(ChatRequest request, Asking asking) {
        if (!asking.with(Lack.LONG_IDS)) {
            ObjectNode rewritten = PortableIds.nineLetters(request.tree());
            return rewritten.equals(request.tree()) ? request : ChatRequest.of(Dialect.CHAT, rewritten);
        }
        return request.foreignIds() && !asking.with(Lack.FOREIGN_IDS)
                ? ChatRequest.of(Dialect.CHAT, PortableIds.chat(request.tree()))
                : request;
    }

    private Encoded translated(ChatRequest request, Target target, Asking asking) {
        check(request);
        ChatTarget model = new ChatTarget(
                target.model(),
                maxTokensField(target),
                asking.with(Lack.SAMPLING),
                asking.with(Lack.EFFORT),
                !asking.with(Lack.TOOLS_WITH_EFFORT),
                asking.with(Lack.STREAM_OPTIONS));
        try {
            Translated translated = MessagesToChat.request(request.tree(), model, asking.stream());
            Translated taken = asking.with(Lack.LONG_IDS)
                    ? translated
                    : new Translated(PortableIds.nineLetters(translated.body()), translated.dropped());
            return Encoded.of(taken, target, Map.of());
        } catch (Untranslatable e) {
            throw Refused.of(e);
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
    public Set<Lack> negotiable(ChatRequest request) {
        if (request.dialect() == Dialect.CHAT) {
            return request.foreignIds() ? WITH_FOREIGN_IDS : ALWAYS;
        }
        return request.needs().contains(Feature.TOOLS) ? TRANSLATED_WITH_TOOLS : TRANSLATED;
    }

    private static Set<Lack> and(Set<Lack> some, Lack... more) {
        Set<Lack> all = EnumSet.copyOf(some);
        all.addAll(Set.of(more));
        return Set.copyOf(all);
    }

    @Override
    public @Nullable String obstacle(ChatRequest request) {
        return request.dialect() == Dialect.CHAT || request.ownOnly().isEmpty()
                ? null
                : request.ownOnly().iterator().next();
    }

    @Override
    public @Nullable Consumer<String> check(ChatRequest request) {
        if (request.dialect() == Dialect.CHAT || !request.needs().contains(Feature.JSON_SCHEMA)) {
            return null;
        }
        JsonNode format = request.tree().path("output_config").path("format");
        return SchemaCheck.of(
                (format.isObject() ? format : request.tree().path("output_format")).path("schema"),
                "output_config.format.schema");
    }

    @Override
    public Events events(ChatRequest request, Asking asking) {
        return AS_IT_IS;
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request, Asking asking) {
        JsonNode choices = answer.path("choices");
        return choices.isArray() && !choices.isEmpty() && choices.get(0).has("message") ? answer : null;
    }
}
