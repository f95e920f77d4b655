package io.bactrian.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Chunk;
import io.bactrian.config.Target;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** OpenAI Chat Completions: the request goes out as it came, the answer comes back as it is. */
public final class OpenAiWire implements Wire {
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
    public Encoded encode(ChatRequest request, Target target, boolean stream) {
        return new Encoded(request.forTarget(target.model(), stream, target.body()), Map.of(), List.of());
    }

    @Override
    public @Nullable String obstacle(ChatRequest request) {
        return null;
    }

    @Override
    public Events events(ChatRequest request) {
        return AS_IT_IS;
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request) {
        JsonNode choices = answer.path("choices");
        return choices.isArray() && !choices.isEmpty() && choices.get(0).has("message") ? answer : null;
    }
}
