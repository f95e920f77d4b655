package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.translation.BlockEvent;
import io.bactrian.protocol.translation.BlockFrame;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the events of one answer for a caller of the same protocol: the events pass as they are, but for blocks that are
 * not begun and ended in order. Not thread-safe.
 */
final class NativeEvents implements ProviderProtocol.Events {
    private final BlockFrame frame = new BlockFrame();
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
        return event.isObject() && !event.type().isEmpty() && !outOfPlace ? inOrder(event) : List.of();
    }

    /** The event itself if it is in order. */
    private List<AnswerChunk> inOrder(AnswerChunk event) {
        if (!(event instanceof BlockEvent placed) || frame.takes(placed)) {
            return List.of(event);
        }
        List<AnswerChunk> mended = new ArrayList<>();
        for (JsonNode tree : frame.mend(event.tree())) {
            AnswerChunk chunk = MessagesChunk.read(Json.bytes(tree));
            if (chunk != null) {
                mended.add(chunk);
            }
        }
        return mended;
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
