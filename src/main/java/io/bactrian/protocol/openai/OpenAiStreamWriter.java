package io.bactrian.protocol.openai;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.EventSink;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.StreamWriter;

/** A writer of an event stream of OpenAI's; its kinds differ in whole answers alone. Stateless. */
abstract class OpenAiStreamWriter implements StreamWriter {
    @Override
    public final void chunk(AnswerChunk chunk, EventSink out) {
        out.event(chunk.json());
    }

    @Override
    public final void complete(EventSink out) {
        out.event(ChatChunk.END_MARK);
    }

    @Override
    public final void error(Problem problem, EventSink out) {
        out.event(errorDocument(problem));
    }

    @Override
    public final byte[] errorDocument(Problem problem) {
        return Json.bytes(ChatCompletions.PROTOCOL.error(problem, ""));
    }

    @Override
    public final void retract() {}
}
