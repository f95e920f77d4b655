package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.Capability;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ProviderProtocol;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's token count for providers. Requests pass as they came, because no other protocol has a token count. Thread-safe.
 */
final class CountTokensProvider implements ProviderProtocol {
    private final MessagesProvider messages;

    CountTokensProvider(MessagesProvider messages) {
        this.messages = messages;
    }

    @Override
    public String name() {
        return messages.name() + "-count-tokens";
    }

    @Override
    public String path() {
        return messages.path() + "/count_tokens";
    }

    @Override
    public boolean asksModel() {
        return false;
    }

    @Override
    public boolean isNative(ChatRequest request) {
        return messages.isNative(request);
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, CallOptions options) {
        return messages.encode(request, target, options);
    }

    @Override
    public Set<Capability> negotiable(ChatRequest request) {
        return Set.of();
    }

    @Override
    public Events events(ChatRequest request, CallOptions options) {
        return messages.events(request, options);
    }

    @Override
    public @Nullable AnswerDocument document(ObjectNode answer, byte[] json, ChatRequest request, CallOptions options) {
        return answer.path("input_tokens").isNumber() ? new AnswerDocument(Messages.PROTOCOL, json, answer) : null;
    }
}
