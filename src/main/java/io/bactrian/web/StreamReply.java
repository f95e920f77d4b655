package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Conversation;
import io.bactrian.chat.Disassembly;
import io.bactrian.chat.Json;
import io.bactrian.chat.Labels;
import io.bactrian.chat.Problem;
import io.bactrian.chat.Reply;
import io.bactrian.provider.Watchdog;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer as OpenAI's event stream, written to the caller while it comes. Written by the request's thread. */
final class StreamReply implements Reply {
    /** After so much silence a comment keeps the line alive. */
    private static final long SILENCE = 15_000;

    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    private final SseWriter writer;
    private final Clock clock;
    private final Watchdog.Watch silence;
    private @Nullable Conversation conversation;
    private boolean spoken;
    private byte @Nullable [] error;

    StreamReply(HttpServerResponse response, Watchdog watchdog, Clock clock) {
        this.clock = clock;
        this.writer = new SseWriter(response, this::head, clock.millis());
        this.silence = watchdog.repeating(this::breakSilence);
    }

    /** Learns whose answer this is. */
    void of(Conversation whose) {
        conversation = whose;
        silence.until(clock.millis() + SILENCE);
    }

    /** The caller has left: nobody waits for it to read. */
    void gone() {
        writer.wake();
    }

    private Map<String, String> head() {
        return conversation == null ? Map.of() : Labels.of(conversation, conversation.callOpen());
    }

    private void breakSilence() {
        long now = clock.millis();
        long quietSince = writer.lastWrite();
        if (now - quietSince >= SILENCE) {
            writer.keepAlive(now);
            // Written or not (a slow caller's line may be full): the next look is not before that.
            quietSince = now;
        }
        silence.until(quietSince + SILENCE);
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public boolean spoken() {
        return spoken;
    }

    @Override
    public void chunk(Chunk chunk) {
        writer.event(chunk.json());
    }

    @Override
    public void document(byte[] json, ObjectNode document) {
        for (ObjectNode chunk : Disassembly.chunks(
                document, conversation != null && conversation.request().includeUsage())) {
            writer.event(Json.bytes(chunk));
        }
    }

    @Override
    public void flush() {
        if (conversation == null || !writer.pending()) {
            return;
        }
        spoken = true;
        try {
            writer.flush(clock.millis(), conversation.plan().deadlineAt());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void retract() {
        writer.forget();
    }

    @Override
    public void complete() {
        silence.stop();
        if (conversation != null) {
            writer.comment("bactrian attempts " + conversation.trail().label(null));
        }
        writer.event(DONE);
        writer.end();
    }

    @Override
    public void fail(Problem problem) {
        silence.stop();
        writer.forget();
        byte[] document = Json.bytes(problem.openAi());
        if (writer.isOpen()) {
            writer.event(document);
            if (conversation != null) {
                writer.comment("bactrian attempts " + conversation.trail().label(null));
            }
            writer.end();
        } else {
            error = document;
        }
    }

    @Override
    public byte @Nullable [] body() {
        return error;
    }
}
