package io.bactrian.queue;

import org.jspecify.annotations.Nullable;

/**
 * The replies of requests that were answered, by the id of the request, so that a request that is delivered again gets the answer
 * that was paid for. It saves money only: that a request is answered once rests on the transaction. Thread-safe.
 */
public interface AnswerLedger {

    /**
     * The reply to an earlier delivery of the same request.
     *
     * @param id the id of the request
     * @param body the body of the request: another request with the same id is not the same
     * @return null if there is none, or it cannot be looked up
     */
    @Nullable
    StoredReply find(String id, byte[] body);

    /** Stores a reply; returns when it is stored, or cannot be. */
    void store(String id, byte[] body, StoredReply reply);
}
