package io.bactrian.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How a caller's protocol writes a streamed answer. Keeps what it must know of one stream; not thread-safe. */
public interface StreamWriter {

    void chunk(AnswerChunk chunk, EventSink out);

    /** @param usage whether the caller wants to know the tokens */
    void document(ObjectNode document, boolean usage, EventSink out);

    /** What says that the answer is whole. */
    void complete(EventSink out);

    void error(Problem problem, EventSink out);

    /** The error for a caller to whom nothing has been written yet. */
    byte[] document(Problem problem);

    /** Nothing of what was written has left the house. */
    void retract();

    /** Whether the words of another may follow what has been written. */
    boolean joinable();
}
