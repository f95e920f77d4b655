package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ProviderProtocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the chunks of one answer that puts their form right before the next reader sees them; chunks in the form of the
 * protocol pass as they are. Not thread-safe.
 */
final class RightedEvents implements ProviderProtocol.Events {
    private final ProviderProtocol.Events next;
    private final boolean one;
    private int only = -1;
    private boolean said;
    private boolean called;

    /**
     * A reader before the next one.
     *
     * @param one whether the request asked for one answer
     */
    RightedEvents(ProviderProtocol.Events next, boolean one) {
        this.next = next;
        this.one = one;
    }

    @Override
    public boolean isEndMark(byte[] data) {
        return next.isEndMark(data);
    }

    @Override
    public @Nullable AnswerChunk read(byte[] data) {
        return next.read(data);
    }

    @Override
    public List<AnswerChunk> chunks(AnswerChunk event) {
        AnswerChunk chunk = event;
        if (event instanceof ChatChunk given
                && (given.deviates() || only > 0)
                && event.tree() instanceof ObjectNode tree) {
            chunk = ChatChunk.of(ChatDeviations.chunk(tree, one ? index(given) : -1, said, called));
        } else if (only < 0 && (event.hasWords() || event.hasTools())) {
            only = 0;
        }
        said |= chunk.hasWords() || chunk.hasTools();
        called |= chunk.hasTools();
        return next.chunks(chunk);
    }

    /** The index of a chunk's choice: that of the only one, unless it belongs to a second answer that was not asked for. */
    private int index(ChatChunk chunk) {
        int given = chunk.lastIndex();
        boolean hasContent = chunk.hasWords() || chunk.hasTools();
        if (given < 0 || !hasContent || only < 0 || given == only) {
            only = hasContent && only < 0 ? Math.max(0, given) : only;
            return 0;
        }
        return given == 0 ? only : given;
    }

    @Override
    public List<AnswerChunk> end() {
        return next.end();
    }

    @Override
    public boolean ended() {
        return next.ended();
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return next.sign();
    }
}
