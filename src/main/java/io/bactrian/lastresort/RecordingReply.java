package io.bactrian.lastresort;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Problem;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.Reply;
import io.bactrian.request.RequestContext;
import org.jspecify.annotations.Nullable;

/** A streamed reply that records the document which its chunks add up to. Used by the thread of the request. */
final class RecordingReply implements Reply {
    /** The part of the bytes that counts of a chunk without plain text, because most of them are its frame. */
    private static final int FRAME = 4;

    private final Reply to;
    private final CallerProtocol protocol;
    private DocumentReply copy;
    private @Nullable Boolean canonical;
    private int size;
    private boolean lost;

    /** @param protocol the protocol of the caller */
    RecordingReply(Reply to, CallerProtocol protocol) {
        this.to = to;
        this.protocol = protocol;
        this.copy = new DocumentReply(protocol, "");
    }

    /** The recorded answer; null if it was too long, or mixed two protocols. */
    @Nullable
    DocumentReply copy() {
        return lost ? null : copy;
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        to.chunk(chunk);
        if (lost) {
            return;
        }
        size += chunk.text().isEmpty()
                ? chunk.json().length / FRAME
                : chunk.text().length();
        // No document is made of an answer that one vendor began and another finished in a different protocol.
        lost = size > StoredAnswer.MAX_BYTES || (canonical != null && canonical != chunk.isCanonical());
        canonical = chunk.isCanonical();
        if (lost) {
            copy = new DocumentReply(protocol, "");
        } else {
            copy.chunk(chunk);
        }
    }

    @Override
    public void document(AnswerDocument document) {
        to.document(document);
        copy.document(document);
    }

    @Override
    public void retract() {
        to.retract();
        copy.retract();
        canonical = null;
        size = 0;
        lost = false;
    }

    @Override
    public void start(RequestContext context) {
        to.start(context);
    }

    @Override
    public boolean streams() {
        return to.streams();
    }

    @Override
    public boolean committed() {
        return to.committed();
    }

    @Override
    public boolean joinable() {
        return to.joinable();
    }

    @Override
    public void note(String remark) {
        to.note(remark);
    }

    @Override
    public void flush() {
        to.flush();
    }

    @Override
    public void complete() {
        to.complete();
    }

    @Override
    public void fail(Problem problem) {
        to.fail(problem);
    }

    @Override
    public byte @Nullable [] body() {
        return to.body();
    }
}
