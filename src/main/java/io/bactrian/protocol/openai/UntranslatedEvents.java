package io.bactrian.protocol.openai;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.ProviderProtocol.Events;
import io.bactrian.protocol.ProviderProtocol.Sign;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the events of a stream that pass as they are. Immutable.
 *
 * @param protocol the protocol of caller and provider
 */
record UntranslatedEvents(CallerProtocol protocol) implements Events {
    @Override
    public boolean isEndMark(byte[] data) {
        return ChatChunk.isEndMark(data);
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return protocol.chunk(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        return event.isObject() ? List.of(event) : List.of();
    }

    @Override
    public List<AnswerChunk> end() {
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
}
