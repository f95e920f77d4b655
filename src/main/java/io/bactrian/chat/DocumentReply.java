package io.bactrian.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** One document for a caller that waits for the whole; put together from parts where the provider streamed. */
public final class DocumentReply implements Reply {
    private byte @Nullable [] body;
    private @Nullable Assembly assembly;

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
        Assembly parts = assembly;
        if (parts == null) {
            parts = new Assembly();
            assembly = parts;
        }
        if (chunk.tree() instanceof ObjectNode tree) {
            parts.add(tree);
        }
    }

    @Override
    public void document(byte[] json, ObjectNode document) {
        body = json;
    }

    @Override
    public void flush() {}

    @Override
    public void retract() {
        assembly = null;
        body = null;
    }

    @Override
    public void complete() {
        if (assembly != null) {
            body = Json.bytes(assembly.document());
        }
    }

    @Override
    public void fail(Problem problem) {
        body = Json.bytes(problem.document(Dialect.CHAT, ""));
    }

    @Override
    public byte @Nullable [] body() {
        return body;
    }
}
