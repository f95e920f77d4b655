package io.bactrian.web;

import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.provider.Watchdog;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer as an event stream in the caller's protocol, written while it comes. Written by the request's thread. */
final class StreamReply implements Reply {
    /** After so much silence a comment keeps the line alive, in milliseconds. */
    private static final long KEEP_ALIVE_AFTER_MILLIS = 15_000;
    /** The same where the whole answer is held back, so that silence is the rule. */
    private static final long KEEP_ALIVE_WHILE_HELD_MILLIS = 5_000;

    private final StreamWriter events;
    private final SseWriter writer;
    private final Clock clock;
    private final Watchdog.Watch silence;
    private @Nullable RequestContext context;
    private volatile long longest = KEEP_ALIVE_AFTER_MILLIS;
    private volatile boolean spoken;
    private byte @Nullable [] error;

    StreamReply(StreamWriter events, HttpServerResponse response, Watchdog watchdog, Clock clock) {
        this.events = events;
        this.clock = clock;
        this.writer = new SseWriter(response, this::head, clock.millis());
        this.silence = watchdog.repeating(this::breakSilence);
    }

    @Override
    public void start(RequestContext whose) {
        context = whose;
        longest = whose.plan().limits().streamCommit() == StreamCommit.COMPLETE
                ? KEEP_ALIVE_WHILE_HELD_MILLIS
                : KEEP_ALIVE_AFTER_MILLIS;
        silence.until(clock.millis() + longest);
    }

    /** The caller has left: nobody waits for it to read. */
    void gone() {
        writer.wake();
    }

    private Map<String, String> head() {
        if (context == null) {
            return Map.of();
        }
        // The first to go out may be a comment, while what was said so far can still be taken back.
        return spoken ? ResponseHeaders.of(context, context.currentCall().isOpen()) : ResponseHeaders.soFar(context);
    }

    private void breakSilence() {
        long now = clock.millis();
        long quietSince = writer.lastWrite();
        if (now - quietSince >= longest) {
            writer.keepAlive(now);
            // Written or not (a slow caller's line may be full): the next look is not before that.
            quietSince = now;
        }
        silence.until(quietSince + longest);
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public boolean committed() {
        return spoken;
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        events.chunk(chunk, writer);
    }

    @Override
    public void document(AnswerDocument document) {
        events.document(document, context != null && context.request().includeUsage(), writer);
    }

    @Override
    public boolean joinable() {
        return events.joinable();
    }

    @Override
    public void note(String remark) {
        writer.comment(remark);
    }

    @Override
    public void flush() {
        if (context == null || !writer.pending()) {
            return;
        }
        spoken = true;
        try {
            writer.flush(clock.millis(), context.plan().deadlineAt());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void retract() {
        writer.forget();
        events.retract();
    }

    @Override
    public void complete() {
        silence.stop();
        spoken = true;
        if (context != null) {
            writer.comment("bactrian attempts " + context.trail().label());
        }
        events.complete(writer);
        writer.end();
    }

    @Override
    public void fail(Problem problem) {
        silence.stop();
        writer.forget();
        if (writer.isOpen()) {
            events.error(problem, writer);
            if (context != null) {
                writer.comment("bactrian attempts " + context.trail().label());
            }
            writer.end();
        } else {
            error = events.errorDocument(problem);
        }
    }

    @Override
    public byte @Nullable [] body() {
        return error;
    }
}
