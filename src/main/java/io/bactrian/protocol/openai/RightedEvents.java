package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ProviderProtocol;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the chunks of one answer that puts their form right before the next reader sees them; chunks in the form of the
 * protocol pass as they are. Not thread-safe.
 */
final class RightedEvents implements ProviderProtocol.Events {
    private final ProviderProtocol.Events next;
    private final boolean one;
    private final Map<Integer, ChoiceSoFar> choices = new HashMap<>();

    /** The indexes of the answers beside the only one, as the server sent them. */
    private final Set<Integer> second = new HashSet<>();

    private int only = -1;

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
        if (!(event instanceof ChatChunk given) || !given.isObject()) {
            return next.chunks(event);
        }
        if (!given.isListed() && !given.hasCounts()) {
            // Such as a sign of life in a form of the server's own.
            return List.of();
        }
        if (isInForm(given)) {
            if (!given.choices().isEmpty()) {
                soFar(0).note(given);
                only = only < 0 && (given.hasWords() || given.hasTools()) ? 0 : only;
            }
            return next.chunks(given);
        }
        return next.chunks(
                event.tree() instanceof ObjectNode tree
                        ? ChatChunk.of(ChatDeviations.chunk(tree, one ? index(given) : -1, this::soFar))
                        : event);
    }

    private boolean isInForm(ChatChunk chunk) {
        if (!chunk.isListed() || chunk.deviates() || only > 0) {
            return false;
        }
        return chunk.choices().isEmpty() || (chunk.choices().size() == 1 && !soFar(0).roleIsWrong(chunk.hasRole()));
    }

    private ChoiceSoFar soFar(int index) {
        return choices.computeIfAbsent(index, first -> new ChoiceSoFar());
    }

    /** The index of a chunk's choice: that of the only one, unless it belongs to a second answer that was not asked for. */
    private int index(ChatChunk chunk) {
        if (chunk.choices().size() > 1) {
            for (AnswerChunk.Choice choice : chunk.choices()) {
                note(choice.index());
            }
            return -1;
        }
        int given = chunk.lastIndex();
        boolean hasContent = chunk.hasContent();
        if (given < 0 || (!hasContent && !second.contains(given)) || only < 0 || given == only) {
            only = hasContent && only < 0 ? Math.max(0, given) : only;
            return 0;
        }
        second.add(given);
        return given == 0 ? only : given;
    }

    private void note(int index) {
        if (only < 0) {
            only = index;
        } else if (index != only) {
            second.add(index);
        }
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
    public boolean hasHalfCall() {
        return next.hasHalfCall();
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return next.sign();
    }
}
