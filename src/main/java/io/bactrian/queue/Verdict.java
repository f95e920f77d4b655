package io.bactrian.queue;

/** The fate of a request without an answer. */
sealed interface Verdict {

    /**
     * It is a dead letter.
     *
     * @param type its class: a {@link io.bactrian.policy.FailureClass}, or a word of the gateway's own
     */
    record DeadLetter(String type) implements Verdict {}

    /**
     * It comes again.
     *
     * @param delay milliseconds until then
     * @param inPause the same while the queue pauses, which is the longer delay
     */
    record Later(long delay, long inPause) implements Verdict {}

    /** Its time is over. */
    record Expired() implements Verdict {}
}
