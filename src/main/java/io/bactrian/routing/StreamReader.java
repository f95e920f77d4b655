package io.bactrian.routing;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.ProviderProtocol;
import io.bactrian.provider.Attempt;
import io.bactrian.provider.failure.Classifier;
import io.bactrian.request.AnswerFlow;
import io.bactrian.stream.SseEvent;
import io.bactrian.stream.SseReader;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A reader of one streamed answer, event by event, which also moves the limit of the call. Used by the request's thread. */
final class StreamReader {
    /** The time for which the rest of the stream, such as the usage, is awaited after the finish reason. */
    private static final Duration GRACE_AFTER_FINISH = Duration.ofSeconds(1);

    private final Attempt attempt;
    private final SseReader reader;
    private final AnswerFlow flow;
    private final ProviderProtocol.Events events;
    private final Classifier classifier;
    private final LongConsumer room;
    private final Clock clock;

    /** The chunks with content at the last flush. */
    private int flushed;

    /** @param room counts the bytes that the answer takes before they go out, and throws if there are too many */
    StreamReader(
            Attempt attempt,
            SseReader reader,
            AnswerFlow flow,
            ProviderProtocol.Events events,
            Classifier classifier,
            LongConsumer room,
            Clock clock) {
        this.room = room;
        this.attempt = attempt;
        this.reader = reader;
        this.flow = flow;
        this.events = events;
        this.classifier = classifier;
        this.clock = clock;
    }

    /**
     * Reads to the end of the answer.
     *
     * @return true if the stream itself has ended, and not only the answer
     * @throws CallFailed if the answer is an error, breaks off or is invalid
     */
    boolean readToEnd() {
        IOException cut = null;
        boolean ended = false;
        try {
            ended = readEvents();
        } catch (IOException e) {
            cut = e;
        }
        if (cut != null && !outlastsCut()) {
            throw broken(cut);
        }
        boolean half = ended && events.hasHalfCall();
        events.end().forEach(flow::chunk);
        if (half) {
            throw new CallFailed(Failure.of(
                    FailureClass.STREAM_BROKEN, attempt.status(), "the stream ended in the middle of a call"));
        }
        flow.end();
        return ended;
    }

    /** Reads the events; what has come is sent to the caller before the next wait. */
    private boolean readEvents() throws IOException {
        SseEvent event = reader.next();
        while (event != null) {
            if (attempt.isOver() && outlastsSilence()) {
                return false;
            }
            attempt.throwIfEnded();
            if (attempt.context().isCancelled()) {
                throw new CallFailed(Failure.of(FailureClass.CANCELLED, "the caller left"));
            }
            if (isLast(event.data())) {
                attempt.expectEnd(GRACE_AFTER_FINISH, 0);
                return false;
            }
            event = reader.poll();
            if (event == null) {
                flush();
                event = reader.next();
            }
        }
        return true;
    }

    /** Processes the data of an event, null for a heartbeat; true if it is the last event. */
    private boolean isLast(byte @Nullable [] data) {
        if (data == null) {
            extendIdleLimit();
            return false;
        }
        if (events.isEndMark(data)) {
            return true;
        }
        attempt.context().currentCall().trace().received(data);
        AnswerChunk chunk = events.read(data);
        if (chunk == null) {
            attempt.tracked().malformedEvent();
            return false;
        }
        process(chunk);
        return events.ended();
    }

    private void process(AnswerChunk event) {
        Failure failure = event.mayBeError() ? classifier.inEvent(event.tree()) : null;
        if (failure != null) {
            if (endsSoon() && !events.hasHalfCall()) {
                return;
            }
            throw new CallFailed(failure);
        }
        int before = flow.contentChunks();
        List<AnswerChunk> chunks = events.chunks(event);
        if (event.hasTools() || chunks.isEmpty()) {
            // Calls may be kept until they have a name, or those before them are at their end.
            room.accept(2L * event.json().length);
        }
        for (AnswerChunk chunk : chunks) {
            if (chunk.hasReason()) {
                flow.callsAreHalf(events.hasHalfCall());
            }
            flow.chunk(chunk);
        }
        boolean goesOn = flow.contentChunks() > before;
        if (before == 0 && goesOn) {
            attempt.firstContent();
        }
        if (endsSoon()) {
            attempt.expectEnd(GRACE_AFTER_FINISH, 0);
        } else if (ending() && !goesOn) {
            // The wait for more content lasts as long as it did, whatever else comes.
            return;
        } else if (flow.hasContent() || flow.finish() != null || events.sign() == ProviderProtocol.Sign.THINKING) {
            attempt.expect(attempt.candidate().limits().idleTimeout(), "next event");
        } else if (events.sign() == ProviderProtocol.Sign.ALIVE) {
            extendIdleLimit();
        }
    }

    /** Whether the answer is whole if nothing else comes. */
    private boolean ending() {
        return flow.ended() || events.sign() == ProviderProtocol.Sign.ENDING;
    }

    /** Whether only the rest of the stream can follow. After a finish reason that came with content, more of it may follow. */
    private boolean endsSoon() {
        return ending() && !flow.endedWithContent();
    }

    /** Whether the answer is whole although nothing more comes. */
    private boolean outlastsSilence() {
        return ending() && !events.hasHalfCall();
    }

    /** Whether the answer is whole although its stream was cut. */
    private boolean outlastsCut() {
        return outlastsSilence() && (attempt.isOver() || !flow.endedWithContent());
    }

    private void extendIdleLimit() {
        if (flow.hasContent() && !ending()) {
            attempt.expect(attempt.candidate().limits().idleTimeout(), "next event");
        }
    }

    /** Sends what has come. The time that a slow caller takes does not count against the provider. */
    private void flush() {
        if (!flow.hasContent()) {
            attempt.context().reply().flush();
            return;
        }
        int content = flow.contentChunks();
        if (content == flushed && ending() && !endsSoon()) {
            // Nothing to write; comments do not renew the wait.
            return;
        }
        flushed = content;
        long from = clock.millis();
        attempt.expect(null, "time left to write to the caller");
        attempt.context().reply().flush();
        if (endsSoon()) {
            attempt.expectEnd(GRACE_AFTER_FINISH, clock.millis() - from);
            return;
        }
        if (clock.millis() >= attempt.context().plan().deadlineAt()) {
            throw new CallFailed(
                    Failure.of(FailureClass.TIMEOUT, attempt.status(), "the caller read too slowly"), false, false);
        }
        attempt.expect(attempt.candidate().limits().idleTimeout(), "next event");
    }

    private CallFailed broken(IOException e) {
        CallFailed failed = attempt.failed(e);
        FailureClass type = failed.failure().type();
        boolean cut = type == FailureClass.NETWORK || type == FailureClass.INVALID_RESPONSE;
        return cut && flow.hasContent()
                ? new CallFailed(Failure.of(
                        FailureClass.STREAM_BROKEN,
                        attempt.status(),
                        "the stream broke: " + failed.failure().reason()))
                : failed;
    }
}
