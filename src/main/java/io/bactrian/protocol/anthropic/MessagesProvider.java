package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.SchemaCheck;
import io.bactrian.protocol.TranslationFailure;
import io.bactrian.protocol.translation.ChatToMessages;
import io.bactrian.protocol.translation.MessagesTarget;
import io.bactrian.protocol.translation.MessagesToChat;
import io.bactrian.protocol.translation.PortableIds;
import io.bactrian.protocol.translation.Untranslatable;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic Messages. For callers who speak it too, requests and answers pass as they are; for the others both are translated.
 */
public final class MessagesProvider implements ProviderProtocol {
    /**
     * The version asked for unless the caller's or the provider's own headers say otherwise: the one that every model takes.
     *
     * @see <a href="https://platform.claude.com/docs/en/api/versioning">Anthropic, versions</a>
     */
    private static final Map<String, String> VERSION = Map.of("anthropic-version", "2023-06-01");

    private final Clock clock;

    public MessagesProvider(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        if (request.dialect() == CallerProtocol.MESSAGES) {
            ChatRequest portable = request.foreignIds()
                    ? ChatRequest.of(CallerProtocol.MESSAGES, PortableIds.messages(request.tree()))
                    : request;
            byte[] body = portable.forTarget(target.model(), options.stream(), false, target.body());
            return new Encoded(body, VERSION, List.of());
        }
        check(request);
        MessagesTarget model = new MessagesTarget(
                target.model(),
                target.maxTokens(),
                target.maxOutputTokens(),
                false,
                false,
                options.rescue() == Rescue.PREFILL || target.supports(Feature.PREFILL),
                options.with(Capability.STRUCTURED_OUTPUT));
        try {
            return Encoded.of(ChatToMessages.request(request.tree(), model, options.stream()), target, VERSION);
        } catch (Untranslatable e) {
            throw TranslationFailure.of(e);
        }
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return request.dialect() == CallerProtocol.MESSAGES
                ? Set.of(Capability.PREFILL, Capability.STREAMING)
                : Set.of(Capability.PREFILL, Capability.STREAMING, Capability.STRUCTURED_OUTPUT);
    }

    @Override
    public @Nullable String unsupported(ChatRequest request) {
        return request.dialect() == CallerProtocol.MESSAGES || request.ownOnly().isEmpty()
                ? null
                : request.ownOnly().iterator().next();
    }

    @Override
    public @Nullable Consumer<String> check(ChatRequest request) {
        return request.dialect() == CallerProtocol.CHAT && request.needs().contains(Feature.JSON_SCHEMA)
                ? SchemaCheck.of(
                        request.tree()
                                .path("response_format")
                                .path("json_schema")
                                .path("schema"),
                        "response_format.json_schema.schema")
                : null;
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return asItIs(request, options)
                ? new NativeEvents()
                : new TranslatedEvents(clock.instant(), customTools(request));
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request, CallOptions options) {
        boolean message = answer.path("type").asText().equals("message")
                && answer.path("content").isArray();
        if (!message) {
            return null;
        }
        return asItIs(request, options) ? answer : MessagesToChat.answer(answer, clock.instant(), customTools(request));
    }

    /** The beginning of another's answer is gone on with in the one form that both sides have. */
    private static boolean asItIs(ChatRequest request, CallOptions options) {
        return request.dialect() == CallerProtocol.MESSAGES && options.rescue() == null;
    }

    private static Set<String> customTools(ChatRequest request) {
        return request.dialect() == CallerProtocol.CHAT ? ChatToMessages.customTools(request.tree()) : Set.of();
    }
}
