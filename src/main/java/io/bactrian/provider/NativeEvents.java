package io.bactrian.provider;

import io.bactrian.chat.Chunk;
import io.bactrian.chat.Dialect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The events of an Anthropic answer for a caller who speaks Messages: as they are. Not thread-safe. */
final class NativeEvents implements Wire.Events {
    private boolean stopped;
    private boolean ended;
    private Wire.Sign sign = Wire.Sign.NONE;

    @Override
    public @Nullable Chunk read(byte[] data) {
        return Chunk.read(Dialect.MESSAGES, data);
    }

    @Override
    public List<Chunk> chunks(Chunk event) {
        boolean formality = event.type().equals("ping") || event.type().equals("message_stop");
        // The end is none before it was said why, and what comes after that is no part of the answer.
        boolean outOfPlace = stopped ? !formality : event.type().equals("message_stop");
        stopped |= event.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        ended |= stopped && event.type().equals("message_stop");
        sign = stopped ? Wire.Sign.ENDING : event.type().equals("ping") ? Wire.Sign.ALIVE : Wire.Sign.NONE;
        return event.isObject() && !event.type().isEmpty() && !outOfPlace ? List.of(event) : List.of();
    }

    @Override
    public List<Chunk> end() {
        return List.of();
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public Wire.Sign sign() {
        return sign;
    }
}
