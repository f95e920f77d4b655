package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;

/** OpenAI's event stream. Stateless. */
public final class ChatStreamWriter implements StreamWriter {
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    @Override
    public void chunk(AnswerChunk chunk, EventSink out) {
        out.event(chunk.json());
    }

    @Override
    public void document(ObjectNode document, boolean usage, EventSink out) {
        ChatSplitter.chunks(document, usage).forEach(chunk -> out.event(Json.bytes(chunk)));
    }

    @Override
    public void complete(EventSink out) {
        out.event(DONE);
    }

    @Override
    public void error(Problem problem, EventSink out) {
        out.event(document(problem));
    }

    @Override
    public byte[] document(Problem problem) {
        return Json.bytes(problem.document(CallerProtocol.CHAT, ""));
    }

    @Override
    public void retract() {}

    @Override
    public boolean joinable() {
        return true;
    }
}
