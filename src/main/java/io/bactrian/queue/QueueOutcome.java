package io.bactrian.queue;

/** The end of one delivery of a request. */
public enum QueueOutcome {
    /** An answer was sent as the reply. */
    ANSWERED,
    /** The reply of an earlier delivery was sent again, without a call to a provider. */
    REPLAYED,
    /** It is a dead letter; the caller got an error if it named an address. */
    DEAD_LETTER,
    /** No target could answer: it waits at the broker and comes again. */
    LATER,
    /** Its time was over before there was an answer. */
    EXPIRED
}
