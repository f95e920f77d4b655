package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Feature;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.TranslationFailure;
import io.bactrian.protocol.openai.AdaptedRequest;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.translation.BlockFrame;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.ChatToMessages;
import io.bactrian.protocol.translation.MessageHead;
import io.bactrian.protocol.translation.MessagesTarget;
import io.bactrian.protocol.translation.MessagesToChat;
import io.bactrian.protocol.translation.OtherForms;
import io.bactrian.protocol.translation.PortableIds;
import io.bactrian.protocol.translation.Translated;
import io.bactrian.protocol.translation.Untranslatable;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's Messages for providers. Requests and answers of the same protocol pass as they came; others are translated from and
 * to the canonical form. Thread-safe.
 */
public final class MessagesProvider implements ProviderProtocol {
    /**
     * The version of the protocol, which every model accepts; headers of the caller or of the provider's configuration replace
     * it.
     *
     * @see <a href="https://platform.claude.com/docs/en/api/versioning">Anthropic, versions</a>
     */
    private static final Map<String, String> VERSION = Map.of("anthropic-version", "2023-06-01");

    private final Clock clock;
    private final CountTokensProvider tokenCounter = new CountTokensProvider(this);

    public MessagesProvider(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String name() {
        return "anthropic";
    }

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return request.protocol() == Messages.PROTOCOL;
    }

    /** Its models do not accept the beginning of an answer while they reason. */
    @Override
    public boolean prefillsWhileThinking() {
        return false;
    }

    @Override
    public ProviderProtocol tokenCounter() {
        return tokenCounter;
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        if (isNative(request)) {
            ChatRequest portable = request.foreignIds() ? request.with(PortableIds.messages(request.tree())) : request;
            Set<String> dropped = new LinkedHashSet<>();
            byte[] body = AdaptedRequest.of(portable, options, OtherForms::systemField, dropped)
                    .forTarget(target.model(), options.stream(), target.body(), Map.of());
            return new Encoded(body, VERSION, List.copyOf(dropped));
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
            Translated canonical =
                    request.protocol().toCanonical(request, ChatTarget.of(target.model()), options.stream());
            Translated translated = ChatToMessages.request(canonical.body(), model, options.stream());
            Set<String> dropped = new LinkedHashSet<>(canonical.dropped());
            dropped.addAll(translated.dropped());
            AdaptedRequest.adapt(translated.body(), options, OtherForms::systemField, dropped);
            return Encoded.of(new Translated(translated.body(), List.copyOf(dropped)), target, VERSION);
        } catch (Untranslatable e) {
            throw TranslationFailure.of(e);
        }
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return isNative(request)
                ? Set.of(Capability.PREFILL, Capability.STREAMING)
                : Set.of(Capability.PREFILL, Capability.STREAMING, Capability.STRUCTURED_OUTPUT);
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return asItIs(request, options)
                ? new NativeEvents()
                : new TranslatedEvents(clock.instant(), customTools(request));
    }

    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        boolean message = answer.path("type").asText().equals("message")
                && answer.path("content").isArray();
        if (!message) {
            return null;
        }
        ObjectNode whole = BlockFrame.complete(rightReason(answer));
        if (whole == null) {
            return null;
        }
        if (!asItIs(request, options)) {
            return AnswerDocument.of(
                    ChatCompletions.PROTOCOL, MessagesToChat.answer(whole, clock.instant(), customTools(request)));
        }
        if (!MessageHead.isComplete(whole)) {
            whole = whole == answer ? answer.deepCopy() : whole;
            MessageHead.complete(whole);
        }
        return whole == answer
                ? new AnswerDocument(Messages.PROTOCOL, json, answer)
                : AnswerDocument.of(Messages.PROTOCOL, whole);
    }

    /** Refuses a message that has a fault. */
    static void requireSound(@Nullable String fault) {
        if (fault != null) {
            throw new CallFailed(Failure.of(FailureClass.INVALID_RESPONSE, 200, fault));
        }
    }

    /** The answer with a stop reason of the protocol; the same object if it has one. */
    private static ObjectNode rightReason(ObjectNode answer) {
        boolean called = false;
        for (JsonNode block : answer.path("content")) {
            called |= block.path("type").asText().equals("tool_use");
        }
        ObjectNode right = Json.MAPPER.createObjectNode().setAll(answer);
        return MessageEnd.reason(right, called) ? right : answer;
    }

    /** An answer that another call began is continued in the canonical form. */
    private boolean asItIs(ChatRequest request, CallOptions options) {
        return isNative(request) && options.rescue() == null;
    }

    private static Set<String> customTools(ChatRequest request) {
        return request.protocol() == ChatCompletions.PROTOCOL ? ChatToMessages.customTools(request.tree()) : Set.of();
    }
}
