package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.chat.Chunk;
import io.bactrian.chat.Dialect;
import io.bactrian.chat.Disassembly;
import io.bactrian.chat.Json;
import io.bactrian.chat.Problem;

/** OpenAI's event stream. Stateless. */
final class ChatFormat implements StreamFormat {
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    @Override
    public void chunk(Chunk chunk, SseWriter out) {
        out.event(chunk.json());
    }

    @Override
    public void document(ObjectNode document, boolean usage, SseWriter out) {
        Disassembly.chunks(document, usage).forEach(chunk -> out.event(Json.bytes(chunk)));
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
        return Json.bytes(problem.document(Dialect.CHAT, ""));
    }

    @Override
    public void retract() {}

    @Override
    public boolean joinable() {
        return true;
    }
}
