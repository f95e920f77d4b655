package io.bactrian.request;

import io.bactrian.protocol.AnswerAssembler;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.openai.ChatCompletions;
import org.jspecify.annotations.Nullable;

/** A reply as one document, assembled from chunks if the provider streamed. Written by the request's thread. */
public final class DocumentReply implements Reply {
    private final CallerProtocol protocol;
    private final String requestId;
    private byte @Nullable [] body;
    private @Nullable AnswerAssembler canonical;
    private @Nullable AnswerAssembler own;

    /**
     * A reply in the caller's protocol.
     *
     * @param requestId named in errors where the protocol has a field for it
     */
    public DocumentReply(CallerProtocol protocol, String requestId) {
        this.protocol = protocol;
        this.requestId = requestId;
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public boolean committed() {
        return false;
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        assembler(chunk.isCanonical()).add(chunk);
    }

    private AnswerAssembler assembler(boolean isCanonical) {
        AnswerAssembler known = isCanonical ? canonical : own;
        if (known != null) {
            return known;
        }
        AnswerAssembler made = isCanonical ? ChatCompletions.PROTOCOL.newAssembler() : protocol.newAssembler();
        if (isCanonical) {
            canonical = made;
        } else {
            own = made;
        }
        return made;
    }

    @Override
    public void document(AnswerDocument document) {
        body = document.jsonIn(protocol);
    }

    @Override
    public void flush() {}

    @Override
    public void retract() {
        canonical = null;
        own = null;
        body = null;
    }

    @Override
    public void complete() {
        if (own != null) {
            body = Json.bytes(own.document());
        } else if (canonical != null) {
            body = Json.bytes(protocol.fromCanonical(canonical.document()));
        }
    }

    @Override
    public void fail(Problem problem) {
        body = Json.bytes(protocol.error(problem, requestId));
    }

    @Override
    public byte @Nullable [] body() {
        return body;
    }
}
