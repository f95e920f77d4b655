package io.bactrian.protocol.anthropic;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.openai.ChatChunk;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A reader of the events of one answer for a caller of the same protocol: the events pass as they are. Not thread-safe. */
final class NativeEvents implements ProviderProtocol.Events {
    private boolean stopped;
    private boolean ended;
    private ProviderProtocol.Sign sign = ProviderProtocol.Sign.NONE;

    @Override
    public boolean isEndMark(byte[] data) {
        return ChatChunk.isEndMark(data);
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return MessagesChunk.read(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        boolean formality = event.type().equals("ping") || event.type().equals("message_stop");
        // The end of the message counts only after its stop reason, and nothing after that is part of the answer.
        boolean outOfPlace = stopped ? !formality : event.type().equals("message_stop");
        stopped |= event.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        ended |= stopped && event.type().equals("message_stop");
        sign = stopped
                ? ProviderProtocol.Sign.ENDING
                : event.type().equals("ping") ? ProviderProtocol.Sign.ALIVE : ProviderProtocol.Sign.NONE;
        return event.isObject() && !event.type().isEmpty() && !outOfPlace ? List.of(event) : List.of();
    }

    @Override
    public List<AnswerChunk> end() {
        return List.of();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return sign;
    }
}
