package io.bactrian.queue;

import org.jspecify.annotations.Nullable;

/**
 * The replies of requests that were answered, by the id of the request, so that a request that is delivered again gets the answer
 * that was paid for; and the requests that were begun and never ended. It saves money only: that a request is answered once rests
 * on the transaction. Thread-safe.
 */
public interface AnswerLedger {

    /**
     * The reply to an earlier delivery of the same request.
     *
     * @param id the id of the request
     * @param bodyHash the hash of the body of the request: another request with the same id is not the same
     * @return null if there is none, or it cannot be looked up in time
     */
    @Nullable
    StoredReply find(String id, byte[] bodyHash);

    /** Stores a reply; returns when it is stored, or cannot be in time. */
    void store(String id, byte[] bodyHash, StoredReply reply);

    /**
     * Notes that a delivery of a request begins.
     *
     * @return how many deliveries of it have begun before and never ended, in this process or in those before it that were killed
     */
    int started(String id);

    /** Notes that a request has ended, however that was: its deliveries are counted from zero again. */
    void ended(String id);
}
