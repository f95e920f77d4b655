package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;

/** A writer of a stream of legacy completions. Stateless. */
final class CompletionsStreamWriter extends OpenAiStreamWriter {
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
    public boolean joinable() {
        return false;
    }
}
