package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.web.SseWriter;

/** How a caller's protocol writes a streamed answer. Keeps what it must know of one stream; not thread-safe. */
public interface StreamWriter {

    void chunk(AnswerChunk chunk, SseWriter out);

    /** @param usage whether the caller wants to know the tokens */
    void document(ObjectNode document, boolean usage, SseWriter out);

    /** What says that the answer is whole. */
    void complete(SseWriter out);

    void error(Problem problem, SseWriter out);

    /** The error for a caller to whom nothing has been written yet. */
    byte[] document(Problem problem);

    /** Nothing of what was written has left the house. */
    void retract();

    /** Whether the words of another may follow what has been written. */
    boolean joinable();
}
