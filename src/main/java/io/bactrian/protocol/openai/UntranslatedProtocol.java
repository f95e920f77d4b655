package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Limits.Rescue;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.ConversationKey;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.translation.ChatTarget;
import io.bactrian.protocol.translation.Translated;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A protocol of OpenAI's beside Chat Completions, which no other vendor has: its requests and answers pass as they are, and an
 * answer that broke off is not finished by another target. Errors and headers are those of Chat Completions. Thread-safe.
 */
abstract class UntranslatedProtocol implements CallerProtocol {
    private static final ChatCompletions CHAT = ChatCompletions.PROTOCOL;
    private static final Set<String> INCIDENTAL = Set.of("user", "stream", "stream_options", "fallbacks");

    @Override
    public Set<String> silentFields() {
        return Set.of();
    }

    /** There are no conversations: the same request is always the beginning. */
    @Override
    public ConversationKey conversationKey(ChatRequest request) {
        return new ConversationKey(
                ConversationKey.hash(new String(request.body(), StandardCharsets.ISO_8859_1)), false);
    }

    @Override
    public Set<String> incidentalFields() {
        return INCIDENTAL;
    }

    @Override
    public List<String> forwardedHeaders() {
        return CHAT.forwardedHeaders();
    }

    @Override
    public boolean hasToolTurns(ObjectNode request) {
        return false;
    }

    @Override
    public Translated toCanonical(ChatRequest request, ChatTarget target, boolean stream) {
        throw new UnsupportedOperationException(name() + " has no canonical form");
    }

    @Override
    public ChatRequest continuation(ChatRequest request, String committed, long tokens, Rescue way) {
        throw new UnsupportedOperationException(name() + " is not continued");
    }

    @Override
    public @Nullable Consumer<String> schemaCheck(ChatRequest request) {
        return null;
    }

    @Override
    public ObjectNode fromCanonical(ObjectNode document) {
        throw new UnsupportedOperationException(name() + " has no canonical form");
    }

    @Override
    public @Nullable ObjectNode staticAnswer(String model, String text, Instant now) {
        return null;
    }

    @Override
    public ObjectNode error(Problem problem, String requestId) {
        return CHAT.error(problem, requestId);
    }

    @Override
    public int status(Problem problem) {
        return CHAT.status(problem);
    }

    @Override
    public List<String> requestIdHeaders() {
        return CHAT.requestIdHeaders();
    }

    @Override
    public String limitHeader(String kind, String figure) {
        return CHAT.limitHeader(kind, figure);
    }

    @Override
    public String limitReset(long waitMillis, long now) {
        return CHAT.limitReset(waitMillis, now);
    }
}
