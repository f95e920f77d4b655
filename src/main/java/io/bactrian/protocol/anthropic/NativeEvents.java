package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.translation.BlockEvent;
import io.bactrian.protocol.translation.BlockFrame;
import io.bactrian.protocol.translation.Ending;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of the events of one answer for a caller of the same protocol: the events pass as they are, but for blocks that are
 * not begun and ended in order, and for the end of the message if it comes more than once, or in another vendor's words. Blocks
 * may follow a stop reason, so the last one is ended at the end of the stream. Not thread-safe.
 */
final class NativeEvents implements ProviderProtocol.Events {
    private final BlockFrame frame = new BlockFrame();
    private @Nullable AnswerChunk start;
    private @Nullable AnswerChunk end;
    private boolean stopped;
    private boolean said;
    private boolean called;
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
        sign = event.type().equals("ping") ? ProviderProtocol.Sign.ALIVE : ProviderProtocol.Sign.NONE;
        said |= event.hasWords() || event.hasTools();
        called |= event.hasTools();
        return switch (event.type()) {
            case "" -> List.of();
            case "message_start" -> {
                start = start == null ? event : start;
                yield inOrder(event);
            }
            case "message_delta" -> end(event);
            // The end of the message counts only after its stop reason.
            case "message_stop" -> {
                ended = stopped;
                yield stopped ? last(event) : List.of();
            }
            default -> event.isObject() ? inOrder(event) : List.of();
        };
    }

    /** The event itself if it is in order. */
    private List<AnswerChunk> inOrder(AnswerChunk event) {
        return !(event instanceof BlockEvent placed) || frame.takes(placed) ? List.of(event) : chunks(mended(event));
    }

    private List<JsonNode> mended(AnswerChunk event) {
        List<JsonNode> events = frame.mend(event.tree());
        MessagesProvider.requireSound(frame.fault());
        return events;
    }

    /** The end of the message as far as it is known; nothing before there is a stop reason. */
    private List<AnswerChunk> end(AnswerChunk event) {
        AnswerChunk whole = MessageEnd.after(said ? start : null, end, event, called);
        end = whole;
        if (whole.hasReason()) {
            stopped = true;
            frame.judge();
            MessagesProvider.requireSound(frame.fault());
        }
        return stopped ? List.of(whole) : List.of();
    }

    private List<AnswerChunk> last(AnswerChunk event) {
        List<AnswerChunk> rest = end();
        rest.add(event);
        return rest;
    }

    private static List<AnswerChunk> chunks(List<JsonNode> events) {
        List<AnswerChunk> chunks = new ArrayList<>();
        for (JsonNode tree : events) {
            AnswerChunk chunk = MessagesChunk.read(Json.bytes(tree));
            if (chunk != null) {
                chunks.add(chunk);
            }
        }
        return chunks;
    }

    @Override
    public List<AnswerChunk> end() {
        // A block of a message that broke off stays open: another target may go on with it.
        if (!stopped) {
            return List.of();
        }
        List<JsonNode> rest = frame.end();
        MessagesProvider.requireSound(frame.fault());
        return chunks(rest);
    }

    @Override
    public boolean ended() {
        return ended;
    }

    @Override
    public boolean hasHalfCall() {
        AnswerChunk last = end;
        return frame.isHalf()
                && (last == null
                        || last.choices().stream().noneMatch(choice -> Ending.of(choice.finish()) == Ending.LENGTH));
    }

    @Override
    public ProviderProtocol.Sign sign() {
        return sign;
    }
}
