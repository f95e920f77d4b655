package io.bactrian.protocol;

/** A writer of one streamed answer in the caller's protocol. Not thread-safe. */
public interface StreamWriter {

    /** Writes a part of the answer, which has the canonical form or the form of this protocol. */
    void chunk(AnswerChunk chunk, EventSink out);

    /**
     * Writes a whole answer as a stream.
     *
     * @param usage whether the caller asked for the usage
     */
    void document(AnswerDocument document, boolean usage, EventSink out);

    /** Writes the end of an answer that is whole. */
    void complete(EventSink out);

    /** Writes an error in the middle of an answer. */
    void error(Problem problem, EventSink out);

    /** The error document for a caller who has been sent nothing yet. */
    byte[] errorDocument(Problem problem);

    /** Forgets what was written, because none of it was sent to the caller. */
    void retract();

    /** Whether the content of another target can follow what has been written. */
    boolean joinable();
}
