package io.bactrian.protocol;

/** A writer of one streamed answer in its caller's protocol. Keeps the state of that stream; not thread-safe. */
public interface StreamWriter {

    /** Writes a part of the answer, which has the canonical form or the caller's own. */
    void chunk(AnswerChunk chunk, EventSink out);

    /**
     * Writes a whole answer as a stream.
     *
     * @param usage whether the caller asked for the usage
     */
    void document(AnswerDocument document, boolean usage, EventSink out);

    /** Writes the end of a whole answer. */
    void complete(EventSink out);

    /** Writes an error in the middle of an answer. */
    void error(Problem problem, EventSink out);

    /** The error document for a caller to whom nothing has been written yet. */
    byte[] errorDocument(Problem problem);

    /** Forgets what was written: none of it has left the gateway. */
    void retract();

    /** Whether the content of another target may follow what has been written. */
    boolean joinable();
}
