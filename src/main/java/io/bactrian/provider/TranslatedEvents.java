package io.bactrian.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Usage;
import io.bactrian.translation.MessagesToChunks;
import io.bactrian.translation.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The events of an Anthropic answer as OpenAI chunks. Not thread-safe. */
final class TranslatedEvents implements Wire.Events {
    private final MessagesToChunks chunks;
    private Wire.Sign sign = Wire.Sign.NONE;

    TranslatedEvents(Instant created, Set<String> customTools) {
        this.chunks = new MessagesToChunks(created, customTools);
    }

    @Override
    public @Nullable Chunk read(byte[] data) {
        return Chunk.foreign(data);
    }

    @Override
    public List<Chunk> chunks(Chunk event) {
        Step<ObjectNode> step = chunks.accept(event.tree());
        sign = chunks.stopped()
                ? Wire.Sign.ENDING
                : step.progress() ? Wire.Sign.THINKING : step.heartbeat() ? Wire.Sign.ALIVE : Wire.Sign.NONE;
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
    public Wire.Sign sign() {
        return sign;
    }

    @Override
    public @Nullable Usage counted() {
        return Usage.of(chunks.usage());
    }
}
