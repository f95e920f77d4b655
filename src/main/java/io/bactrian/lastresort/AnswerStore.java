package io.bactrian.lastresort;

import org.jspecify.annotations.Nullable;

/** The store of good answers by the key of their request. Thread-safe. No method throws an exception. */
interface AnswerStore extends AutoCloseable {

    /**
     * The answer stored under a key; null if there is none that is recent enough, or the store is out of
     * reach. Returns within about a second, because a request waits for it.
     */
    @Nullable
    StoredAnswer find(String key);

    /** Stores an answer in place of an earlier one; may block. False if the answer could not be stored. */
    boolean keep(String key, StoredAnswer answer);

    /** Prepares the store, so that the first request need not wait for that; may block. */
    default void open() {}

    @Override
    default void close() {}
}
