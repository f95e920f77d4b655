package io.bactrian.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.ChatRequest;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Json;
import io.bactrian.config.Feature;
import io.bactrian.config.Target;
import io.bactrian.fallback.CallFailed;
import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import io.bactrian.translation.ChatToMessages;
import io.bactrian.translation.MessagesTarget;
import io.bactrian.translation.MessagesToChat;
import io.bactrian.translation.MessagesToChunks;
import io.bactrian.translation.Step;
import io.bactrian.translation.Translated;
import io.bactrian.translation.Untranslatable;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Anthropic Messages: the request is translated, the answer is translated back. */
public final class AnthropicWire implements Wire {
    /**
     * The version asked for unless a provider's own headers say otherwise: the one that every model takes.
     *
     * @see <a href="https://platform.claude.com/docs/en/api/versioning">Anthropic, versions</a>
     */
    private static final Map<String, String> VERSION = Map.of("anthropic-version", "2023-06-01");

    private final Clock clock;

    public AnthropicWire(Clock clock) {
        this.clock = clock;
    }

    @Override
    public String path() {
        return "/messages";
    }

    @Override
    public Encoded encode(ChatRequest request, Target target, boolean stream) {
        MessagesTarget model = new MessagesTarget(
                target.model(),
                target.maxTokens(),
                target.maxOutputTokens(),
                false,
                false,
                target.supports(Feature.PREFILL),
                true);
        try {
            Translated translated = ChatToMessages.request(request.tree(), model, stream);
            ObjectNode body = translated.body();
            target.body().forEach(body::set);
            List<String> dropped = new ArrayList<>(translated.dropped());
            dropped.remove("fallbacks");
            return new Encoded(Json.bytes(body), VERSION, dropped);
        } catch (Untranslatable.Ineligible e) {
            throw new CallFailed(new Failure(
                    FailureClass.UNSUPPORTED,
                    0,
                    null,
                    null,
                    e.feature(),
                    null,
                    null,
                    "cannot be said in this protocol"));
        } catch (Untranslatable.Invalid e) {
            throw new CallFailed(new Failure(
                    FailureClass.INVALID_REQUEST,
                    400,
                    null,
                    null,
                    null,
                    "invalid_request_error",
                    e.param(),
                    String.valueOf(e.getMessage())));
        }
    }

    @Override
    public @Nullable String obstacle(ChatRequest request) {
        return request.ownOnly().isEmpty() ? null : request.ownOnly().iterator().next();
    }

    @Override
    public Events events(ChatRequest request) {
        MessagesToChunks chunks = new MessagesToChunks(clock.instant(), ChatToMessages.customTools(request.tree()));
        return new Events() {
            private Sign sign = Sign.NONE;

            @Override
            public @Nullable Chunk read(byte[] data) {
                return Chunk.foreign(data);
            }

            @Override
            public List<Chunk> chunks(Chunk event) {
                Step<ObjectNode> step = chunks.accept(event.tree());
                sign = chunks.stopped()
                        ? Sign.ENDING
                        : step.progress() ? Sign.THINKING : step.heartbeat() ? Sign.ALIVE : Sign.NONE;
                return step.out().stream().map(Chunk::of).toList();
            }

            @Override
            public List<Chunk> end() {
                List<ObjectNode> rest = new ArrayList<>(chunks.finish().out());
                if (chunks.complete()) {
                    rest.add(chunks.usageChunk());
                }
                return rest.stream().map(Chunk::of).toList();
            }

            @Override
            public boolean ended() {
                return chunks.complete();
            }

            @Override
            public Sign sign() {
                return sign;
            }
        };
    }

    @Override
    public @Nullable ObjectNode document(ObjectNode answer, ChatRequest request) {
        return answer.path("type").asText().equals("message")
                        && answer.path("content").isArray()
                ? MessagesToChat.answer(answer, clock.instant(), ChatToMessages.customTools(request.tree()))
                : null;
    }
}
