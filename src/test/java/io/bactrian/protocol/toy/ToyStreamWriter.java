package io.bactrian.protocol.toy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.protocol.Usage;
import org.jspecify.annotations.Nullable;

/** A writer of a toy stream: events of a toy provider as they came, canonical chunks translated. Not thread-safe. */
final class ToyStreamWriter implements StreamWriter {
    private boolean ended;
    private String finishReason = "";
    private @Nullable Usage usage;

    @Override
    public void chunk(AnswerChunk chunk, EventSink out) {
        boolean ends =
                chunk.choices().stream().anyMatch(choice -> !choice.finish().isEmpty());
        if (!chunk.isCanonical()) {
            ended |= ends;
            out.event(chunk.json());
            return;
        }
        if (!chunk.text().isEmpty()) {
            out.event(Json.bytes(ToyTranslation.say(chunk.text())));
        }
        finishReason = ends ? chunk.choices().getFirst().finish() : finishReason;
        usage = chunk.usage() == null ? usage : chunk.usage();
    }

    @Override
    public void document(AnswerDocument document, boolean usage, EventSink out) {
        ObjectNode answer = document.form() == ToyCaller.PROTOCOL
                ? document.tree().deepCopy()
                : ToyTranslation.toyAnswer(document.tree());
        out.event(Json.bytes(ToyTranslation.say(answer.path("said").asText())));
        answer.remove("said");
        out.event(Json.bytes(answer));
        ended = true;
    }

    @Override
    public void complete(EventSink out) {
        if (!ended) {
            out.event(Json.bytes(ToyTranslation.end(finishReason, usage)));
        }
    }

    @Override
    public void error(Problem problem, EventSink out) {
        out.event(errorDocument(problem));
    }

    @Override
    public byte[] errorDocument(Problem problem) {
        return Json.bytes(ToyCaller.PROTOCOL.error(problem, ""));
    }

    @Override
    public void retract() {
        ended = false;
        finishReason = "";
        usage = null;
    }

    @Override
    public boolean joinable() {
        return true;
    }
}
