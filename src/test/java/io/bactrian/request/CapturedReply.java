package io.bactrian.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Problem;
import java.util.ArrayList;
import java.util.List;

/** A reply that records what is written to it. */
final class CapturedReply implements Reply {
    final List<ObjectNode> chunks = new ArrayList<>();
    final List<ObjectNode> documents = new ArrayList<>();
    private final boolean streams;
    boolean committed;

    CapturedReply(boolean streams) {
        this.streams = streams;
    }

    @Override
    public boolean streams() {
        return streams;
    }

    @Override
    public boolean committed() {
        return committed;
    }

    @Override
    public void chunk(AnswerChunk chunk) {
        chunks.add((ObjectNode) chunk.tree());
    }

    @Override
    public void document(AnswerDocument document) {
        documents.add(document.tree());
    }

    @Override
    public void flush() {}

    @Override
    public void retract() {
        chunks.clear();
    }

    @Override
    public void complete() {}

    @Override
    public void fail(Problem problem) {}

    @Override
    public byte[] body() {
        return null;
    }
}
