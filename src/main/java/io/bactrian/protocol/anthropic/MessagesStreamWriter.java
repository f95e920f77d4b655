package io.bactrian.protocol.anthropic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.openai.ChatSplitter;
import io.bactrian.protocol.translation.BlockEvent;
import io.bactrian.protocol.translation.ChunksToMessages;
import io.bactrian.protocol.translation.MessagesEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A writer of a Messages stream: events of an Anthropic provider as they came, canonical chunks translated. One answer may have
 * both, if it broke off at an Anthropic provider and was continued in the canonical form. Not thread-safe.
 */
final class MessagesStreamWriter implements StreamWriter {
    private static final String STOP = "message_stop";

    private final String requestId;
    private @Nullable ChunksToMessages translated;
    private String id = "";
    private String model = "";
    private String block = "";
    private int index = -1;
    private boolean open;
    private boolean began;
    /** The last event, which is held back until the answer is known to be whole; null if it has not come. */
    private byte @Nullable [] stop;

    /** @param requestId the id that errors name */
    MessagesStreamWriter(String requestId) {
        this.requestId = requestId;
    }

    @Override
    public void chunk(AnswerChunk chunk, EventSink out) {
        if (chunk.isCanonical()) {
            write(translation().accept(chunk.tree()).out(), out);
        } else if (chunk.type().equals(STOP)) {
            stop = chunk.json();
        } else {
            keepTrack(chunk);
            out.event(chunk.type(), chunk.json());
        }
    }

    private ChunksToMessages translation() {
        ChunksToMessages made = translated;
        if (made == null) {
            made = began
                    ? ChunksToMessages.goingOn(id, model, index + 1, open ? (Integer) index : null)
                    : new ChunksToMessages();
            translated = made;
        }
        return made;
    }

    /** Notes the state that a continuation in the canonical form needs. */
    private void keepTrack(AnswerChunk event) {
        switch (event.type()) {
            case "message_start" -> {
                JsonNode message = event.tree().path("message");
                began = true;
                id = message.path("id").asText("");
                model = message.path("model").asText("");
            }
            case "content_block_start" -> {
                if (event instanceof BlockEvent start) {
                    index = start.index();
                    block = start.kind();
                    open = true;
                }
            }
            case "content_block_stop" -> open = false;
            default -> {}
        }
    }

    @Override
    public void document(AnswerDocument document, boolean usage, EventSink out) {
        if (document.form() == Messages.PROTOCOL) {
            List<MessagesEvent> all = MessagesSplitter.events(document.tree());
            write(all.stream().filter(event -> !event.name().equals(STOP)).toList(), out);
        } else {
            for (ObjectNode chunk : ChatSplitter.chunks(document.tree(), true)) {
                write(translation().accept(chunk).out(), out);
            }
        }
    }

    @Override
    public void complete(EventSink out) {
        if (translated != null) {
            write(translated.finish().out(), out);
        } else if (stop != null) {
            out.event(STOP, stop);
        } else {
            write(List.of(MessagesEvent.stop()), out);
        }
    }

    @Override
    public void error(Problem problem, EventSink out) {
        out.event("error", errorDocument(problem));
    }

    @Override
    public byte[] errorDocument(Problem problem) {
        return Json.bytes(Messages.PROTOCOL.error(problem, requestId));
    }

    @Override
    public void retract() {
        translated = null;
        began = false;
        stop = null;
        open = false;
        index = -1;
    }

    /** False inside a block of reasoning: only the vendor that began it can sign it at its end. */
    @Override
    public boolean joinable() {
        return translated != null || !open || block.equals("text");
    }

    private static void write(List<MessagesEvent> events, EventSink out) {
        events.forEach(event -> out.event(event.name(), Json.bytes(event.data())));
    }
}
