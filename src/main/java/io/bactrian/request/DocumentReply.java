package io.bactrian.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.anthropic.MessagesAssembler;
import io.bactrian.protocol.openai.ChatAssembler;
import io.bactrian.protocol.openai.ChatDocument;
import io.bactrian.protocol.translation.ChatToMessages;
import org.jspecify.annotations.Nullable;

/** One document for a caller that waits for the whole; put together from parts where the provider streamed. */
public final class DocumentReply implements Reply {
    private final CallerProtocol dialect;
    private final String requestId;
    private byte @Nullable [] body;
    private @Nullable ChatAssembler chunks;
    private @Nullable MessagesAssembler events;

    /**
     * A document in the caller's protocol.
     *
     * @param requestId told in errors where the protocol has a place for it
     */
    public DocumentReply(CallerProtocol dialect, String requestId) {
        this.dialect = dialect;
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
        if (!(chunk.tree() instanceof ObjectNode tree)) {
            return;
        }
        if (chunk.dialect() == CallerProtocol.MESSAGES) {
            MessagesAssembler parts = events == null ? new MessagesAssembler() : events;
            events = parts;
            parts.add(tree);
        } else {
            ChatAssembler parts = chunks == null ? new ChatAssembler() : chunks;
            chunks = parts;
            parts.add(tree);
        }
    }

    @Override
    public void document(byte[] json, ObjectNode document) {
        boolean translated = dialect == CallerProtocol.MESSAGES && ChatDocument.isChat(document);
        body = translated ? Json.bytes(ChatToMessages.answer(document)) : json;
    }

    @Override
    public void flush() {}

    @Override
    public void retract() {
        chunks = null;
        events = null;
        body = null;
    }

    @Override
    public void complete() {
        if (events != null) {
            body = Json.bytes(events.message());
        } else if (chunks != null) {
            ObjectNode document = chunks.document();
            body = Json.bytes(dialect == CallerProtocol.CHAT ? document : ChatToMessages.answer(document));
        }
    }

    @Override
    public void fail(Problem problem) {
        body = Json.bytes(problem.document(dialect, requestId));
    }

    @Override
    public byte @Nullable [] body() {
        return body;
    }
}
