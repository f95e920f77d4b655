package io.bactrian.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.Asking;
import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Lack;
import io.bactrian.config.Target;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Anthropic's count of the tokens of a request that is not made. Nobody else has one: it is passed through. Thread-safe. */
public final class CountTokensWire implements Wire {
    private final AnthropicWire messages;

    public CountTokensWire(AnthropicWire messages) {
        this.messages = messages;
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
    public Encoded encode(ChatRequest request, Target target, Asking asking) {
        return messages.encode(request, target, asking);
    }

    @Override
    public Set<Lack> negotiable(ChatRequest request) {
        return Set.of();
    }

    @Override
    public @Nullable String obstacle(ChatRequest request) {
        return null;
    }

    @Override
    public Events events(ChatRequest request, Asking asking) {
        return messages.events(request, asking);
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request, Asking asking) {
        return answer.path("input_tokens").isNumber() ? answer : null;
    }
}
