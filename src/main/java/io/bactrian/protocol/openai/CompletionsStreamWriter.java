package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;

/** A writer of a stream of legacy completions. Stateless. */
final class CompletionsStreamWriter implements StreamWriter {
    @Override
    public void chunk(AnswerChunk chunk, EventSink out) {
        out.event(chunk.json());
    }

    /** Chunks and documents have the same form, but for the usage, which has a chunk of its own. */
    @Override
    public void document(AnswerDocument document, boolean usage, EventSink out) {
        ObjectNode chunk = document.tree().deepCopy();
        chunk.remove("usage");
        out.event(Json.bytes(chunk));
        if (usage && document.tree().hasNonNull("usage")) {
            ObjectNode last = document.tree().deepCopy();
            last.putArray("choices");
            out.event(Json.bytes(last));
        }
    }

    @Override
    public void complete(EventSink out) {
        out.event(ChatChunk.END_MARK);
    }

    @Override
    public void error(Problem problem, EventSink out) {
        out.event(errorDocument(problem));
    }

    @Override
    public byte[] errorDocument(Problem problem) {
        return Json.bytes(Completions.PROTOCOL.error(problem, ""));
    }

    @Override
    public void retract() {}

    @Override
    public boolean joinable() {
        return false;
    }
}
