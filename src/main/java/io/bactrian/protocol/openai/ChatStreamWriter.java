package io.bactrian.protocol.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.CallerProtocol;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;
import io.bactrian.web.SseWriter;

/** OpenAI's event stream. Stateless. */
public final class ChatStreamWriter implements StreamWriter {
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    @Override
    public void chunk(AnswerChunk chunk, SseWriter out) {
        out.event(chunk.json());
    }

    @Override
    public void document(ObjectNode document, boolean usage, SseWriter out) {
        ChatSplitter.chunks(document, usage).forEach(chunk -> out.event(Json.bytes(chunk)));
    }

    @Override
    public void complete(SseWriter out) {
        out.event(DONE);
    }

    @Override
    public void error(Problem problem, SseWriter out) {
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
