package io.bactrian.protocol.openai;

import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;

/** A writer of a stream of Chat Completions. Stateless. */
final class ChatStreamWriter extends OpenAiStreamWriter {
    @Override
    public void document(AnswerDocument document, boolean usage, EventSink out) {
        ChatSplitter.chunks(document.tree(), usage).forEach(chunk -> out.event(Json.bytes(chunk)));
    }

    @Override
    public boolean joinable() {
        return true;
    }
}
