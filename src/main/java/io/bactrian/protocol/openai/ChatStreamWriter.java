package io.bactrian.protocol.openai;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;

/** A writer of OpenAI's event stream. Stateless. */
sealed class ChatStreamWriter implements StreamWriter permits CompletionsStreamWriter {
    @Override
    public void chunk(AnswerChunk chunk, EventSink out) {
        out.event(chunk.json());
    }

    @Override
    public void document(AnswerDocument document, boolean usage, EventSink out) {
        ChatSplitter.chunks(document.tree(), usage).forEach(chunk -> out.event(Json.bytes(chunk)));
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
        return Json.bytes(ChatCompletions.PROTOCOL.error(problem, ""));
    }

    @Override
    public void retract() {}

    @Override
    public boolean joinable() {
        return true;
    }
}
