package io.bactrian.request;

import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.Problem;
import org.jspecify.annotations.Nullable;

/**
 * Where the answer to one request goes: an event stream or one document, in the caller's own format. What comes in has the form
 * of OpenAI Chat Completions, or the caller's own. Written by the request's thread.
 */
public interface Reply {

    /** Begins with the request that it answers, once that has been planned. */
    default void start(RequestContext context) {}

    /** Whether the caller reads a stream. */
    boolean streams();

    /** Whether words have reached the caller, so that they cannot be taken back. */
    boolean committed();

    /** Whether the words of another may follow what has been spoken; false in the middle of a thought that the vendor signs. */
    default boolean joinable() {
        return true;
    }

    /**
     * Makes sure that the answer which is whole now is the one that counts.
     *
     * @throws io.bactrian.policy.CallFailed CANCELLED if another one was quicker
     */
    default void claim() {}

    /** A remark beside the answer, where the format has room for one. */
    default void note(String remark) {}

    /** A part of the answer. */
    void chunk(AnswerChunk chunk);

    /** The whole answer in one document. */
    void document(AnswerDocument document);

    /** Sends what has come so far on its way; waits while the caller is slow. */
    void flush();

    /** Forgets the parts of an attempt that failed before anything was spoken. */
    void retract();

    /** The answer is whole: nothing follows but this. */
    void complete();

    /** There will be no answer, or no more of it. */
    void fail(Problem problem);

    /** The body for a caller that waits for one document; null for a stream, which has been written already. */
    byte @Nullable [] body();
}
