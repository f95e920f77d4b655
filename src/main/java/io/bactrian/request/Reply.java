package io.bactrian.request;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Problem;
import org.jspecify.annotations.Nullable;

/**
 * A reply to one request: an event stream or one document, in the caller's protocol. It takes chunks and documents in the
 * canonical form, which is that of Chat Completions, or in the caller's own. Written by the request's thread.
 */
public interface Reply {

    /** Starts the reply once its request has been planned. */
    default void start(RequestContext context) {}

    /** True if the caller reads a stream. */
    boolean streams();

    /** True if content has been sent to the caller, so that it cannot be taken back. */
    boolean committed();

    /** True if another target's content may follow what was sent; false in the middle of reasoning that its vendor signs. */
    default boolean joinable() {
        return true;
    }

    /**
     * Claims the request for an answer that is complete now.
     *
     * @throws io.bactrian.policy.CallFailed CANCELLED if another candidate was faster
     */
    default void claim() {}

    /** Adds a comment beside the answer, if the format has a place for it. */
    default void note(String remark) {}

    /** Adds a part of the answer. */
    void chunk(AnswerChunk chunk);

    /** Sets the whole answer. */
    void document(AnswerDocument document);

    /** Sends what has been added so far; waits while the caller reads too slowly. */
    void flush();

    /** Forgets the parts of an attempt that failed before any content was sent. */
    void retract();

    /** Ends the reply with a complete answer. */
    void complete();

    /** Ends the reply with an error, be it in place of an answer or in the middle of one. */
    void fail(Problem problem);

    /** The body still to be written: the document or the error; null if a stream has been written already. */
    byte @Nullable [] body();
}
