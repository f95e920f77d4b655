package io.bactrian.quota;

import org.jspecify.annotations.Nullable;

/**
 * The store in which several nodes keep the states of quotas, each a short array of bytes under a key. Every method is one round trip;
 * no lock outlives it, so that a node that hangs holds up no other. Thread-safe.
 */
interface QuotaStore extends AutoCloseable {
    /**
     * The state of a quota.
     *
     * @param bytes null if there is none
     * @param now the time by the clock of the store, in epoch milliseconds: clocks of nodes may differ
     */
    record State(byte @Nullable [] bytes, long now) {}

    /** Connects, and makes what is missing. */
    void open() throws Exception;

    State read(String key) throws Exception;

    /**
     * The outcome of a change.
     *
     * @param made false if the state was another one than expected
     * @param state the state after it. Of a change that was not made it may still be the one that was expected, if the store cannot
     *     tell the other one yet
     */
    record Change(boolean made, State state) {}

    /**
     * Replaces a state if it is still as expected.
     *
     * @param fullIn milliseconds after which the new state may be forgotten
     */
    Change replace(String key, State expected, byte[] bytes, long fullIn) throws Exception;

    /** Removes the states that may be forgotten. */
    void sweep() throws Exception;

    @Override
    void close();
}
