package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.request.Reply;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** A reply as an event stream that is written to memory, flushed and taken back as that of an endpoint is. */
final class WrittenReply implements Reply, EventSink {
    private final StreamWriter events;
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private ByteArrayOutputStream batch = new ByteArrayOutputStream();
    private boolean committed;
    private byte @Nullable [] error;

    WrittenReply(StreamWriter events) {
        this.events = events;
    }

    /** All that was sent as a stream. */
    byte[] sent() {
        return sent.toByteArray();
    }

    @Override
    public void event(byte[] json) {
        batch.writeBytes("data: ".getBytes(UTF_8));
        batch.writeBytes(json);
        batch.writeBytes("\n\n".getBytes(UTF_8));
    }

    @Override
    public void event(String name, byte[] json) {
        batch.writeBytes(("event: " + name + "\n").getBytes(UTF_8));
        event(json);
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
    public boolean joinable() {
        return events.joinable();
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        events.chunk(chunk, this);
    }

    @Override
    public void document(AnswerDocument document) {
        events.document(document, true, this);
    }

    @Override
    public void flush() {
        if (batch.size() > 0) {
            committed = true;
            sent.writeBytes(batch.toByteArray());
            batch = new ByteArrayOutputStream();
        }
    }

    @Override
    public void retract() {
        batch = new ByteArrayOutputStream();
        events.retract();
    }

    @Override
    public void complete() {
        events.complete(this);
        flush();
    }

    @Override
    public void fail(Problem problem) {
        batch = new ByteArrayOutputStream();
        if (committed) {
            events.error(problem, this);
            flush();
        } else {
            error = events.errorDocument(problem);
        }
    }

    @Override
    public byte @Nullable [] body() {
        return error;
    }
}
