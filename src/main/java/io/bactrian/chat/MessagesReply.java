package io.bactrian.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.translation.ChatToMessages;
import io.bactrian.translation.MessagesAssembly;
import org.jspecify.annotations.Nullable;

/** One document in Anthropic's format, for a caller that waits for the whole; put together from parts where the provider streamed. */
public final class MessagesReply implements Reply {
    private final String requestId;
    private byte @Nullable [] body;
    private @Nullable Assembly chunks;
    private @Nullable MessagesAssembly events;

    /** @param requestId told in errors */
    public MessagesReply(String requestId) {
        this.requestId = requestId;
    }

    @Override
    public boolean streams() {
        return false;
    }

    @Override
    public boolean spoken() {
        return false;
    }

    @Override
    public void chunk(Chunk chunk) {
        if (!(chunk.tree() instanceof ObjectNode tree)) {
            return;
        }
        if (chunk.dialect() == Dialect.MESSAGES) {
            MessagesAssembly parts = events == null ? new MessagesAssembly() : events;
            events = parts;
            parts.add(tree);
        } else {
            Assembly parts = chunks == null ? new Assembly() : chunks;
            chunks = parts;
            parts.add(tree);
        }
    }

    @Override
    public void document(byte[] json, ObjectNode document) {
        body = Documents.isChat(document) ? Json.bytes(ChatToMessages.answer(document)) : json;
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
            body = Json.bytes(ChatToMessages.answer(chunks.document()));
        }
    }

    @Override
    public void fail(Problem problem) {
        body = Json.bytes(problem.document(Dialect.MESSAGES, requestId));
    }

    @Override
    public byte @Nullable [] body() {
        return body;
    }
}
