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
     * Replaces a state, unless it has changed.
     *
     * @param before the state that was read
     * @param fullIn milliseconds after which the state may be forgotten
     * @return false if it has changed
     */
    boolean replace(String key, State before, byte[] bytes, long fullIn) throws Exception;

    /** Removes the states that may be forgotten. */
    void sweep() throws Exception;

    @Override
    void close();
}
