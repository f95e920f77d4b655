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

/** A reply as an event stream in the caller's protocol, sent as the answer comes. Written by the request's thread. */
final class StreamReply implements Reply {
    /** The silence after which a comment keeps the connection alive, in milliseconds. */
    private static final long KEEP_ALIVE_AFTER_MILLIS = 15_000;
    /** The same if the whole answer is held back, so that silence is normal. */
    private static final long KEEP_ALIVE_WHILE_HELD_MILLIS = 5_000;

    private final StreamWriter events;
    private final SseWriter writer;
    private final Clock clock;
    private final Watchdog.Watch silenceWatch;
    private @Nullable RequestContext context;
    private volatile long maxSilenceMillis = KEEP_ALIVE_AFTER_MILLIS;
    private volatile boolean committed;
    private byte @Nullable [] error;

    StreamReply(StreamWriter events, HttpServerResponse response, Watchdog watchdog, Clock clock) {
        this.events = events;
        this.clock = clock;
        this.writer = new SseWriter(response, this::head, clock.millis());
        this.silenceWatch = watchdog.repeating(this::keepAlive);
    }

    @Override
    public void start(RequestContext planned) {
        context = planned;
        maxSilenceMillis = planned.plan().limits().streamCommit() == StreamCommit.COMPLETE
                ? KEEP_ALIVE_WHILE_HELD_MILLIS
                : KEEP_ALIVE_AFTER_MILLIS;
        silenceWatch.until(clock.millis() + maxSilenceMillis);
    }

    /** Ends a wait for the caller to read, because it has left. */
    void callerLeft() {
        writer.wake();
    }

    /** Ends a wait for the caller to read, because the program stops. */
    void stopped() {
        writer.hurry();
    }

    private Map<String, String> head() {
        if (context == null) {
            return Map.of();
        }
        // The head may go out with a keep-alive comment, while the answer so far can still be taken back.
        return committed ? ResponseHeaders.of(context, context.currentCall().isOpen()) : ResponseHeaders.soFar(context);
    }

    private void keepAlive() {
        long now = clock.millis();
        long quietSince = writer.lastWrite();
        if (now - quietSince >= maxSilenceMillis) {
            writer.keepAlive(now);
            // Counts as written even if it was not, because the caller reads slowly: the next one is due after that.
            quietSince = now;
        }
        silenceWatch.until(quietSince + maxSilenceMillis);
    }

    @Override
    public boolean streams() {
        return true;
    }

    @Override
    public boolean committed() {
        return committed;
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
        committed = true;
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
        silenceWatch.stop();
        committed = true;
        noteAttempts();
        events.complete(writer);
        writer.end();
    }

    private void noteAttempts() {
        if (context != null) {
            writer.comment("bactrian attempts " + context.trail().label());
        }
    }

    @Override
    public void fail(Problem problem) {
        silenceWatch.stop();
        writer.forget();
        if (writer.isOpen()) {
            noteAttempts();
            events.error(problem, writer);
            writer.breakOff();
        } else {
            error = events.errorDocument(problem);
        }
    }

    @Override
    public byte @Nullable [] body() {
        return error;
    }
}
