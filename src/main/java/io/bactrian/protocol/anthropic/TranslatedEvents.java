package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ProviderEvent;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.translation.MessagesToChunks;
import io.bactrian.protocol.translation.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A reader of the events of one answer for a caller of another protocol: they become canonical chunks. Not thread-safe. */
final class TranslatedEvents implements ProviderProtocol.Events {
    private final MessagesToChunks chunks;
    private boolean contradicted;
    private ProviderProtocol.Sign sign = ProviderProtocol.Sign.NONE;

    TranslatedEvents(Instant created, Set<String> customTools) {
        this.chunks = new MessagesToChunks(created, customTools);
    }

    @Override
    public boolean isEndMark(byte[] data) {
        return ChatChunk.isEndMark(data);
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return ProviderEvent.read(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        boolean stopped = chunks.stopped();
        Step<ObjectNode> step = chunks.accept(event.tree());
        MessagesProvider.requireSound(chunks.fault());
        // Content after the stop reason shows that it was not the end.
        contradicted |= stopped && step.progress() && !chunks.complete();
        sign = chunks.stopped() && !contradicted
                ? ProviderProtocol.Sign.ENDING
                : step.progress()
                        ? ProviderProtocol.Sign.THINKING
                        : step.heartbeat() ? ProviderProtocol.Sign.ALIVE : ProviderProtocol.Sign.NONE;
        return step.out().stream().map(node -> (AnswerChunk) ChatChunk.of(node)).toList();
    }

    @Override
    public List<AnswerChunk> end() {
        List<ObjectNode> rest = new ArrayList<>(chunks.finish().out());
        MessagesProvider.requireSound(chunks.fault());
        if (chunks.complete()) {
            rest.add(chunks.usageChunk());
        }
        return rest.stream().map(node -> (AnswerChunk) ChatChunk.of(node)).toList();
    }

    @Override
    public boolean ended() {
        return chunks.complete();
    }

    @Override
    public boolean hasHalfCall() {
        return chunks.hasHalfCall();
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return sign;
    }

    @Override
    public @Nullable Usage counted() {
        return Usage.of(chunks.usage());
    }
}
