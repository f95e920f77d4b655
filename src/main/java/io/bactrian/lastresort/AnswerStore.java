package io.bactrian.lastresort;

import org.jspecify.annotations.Nullable;

/** Where good answers are kept, by the key of their request. Thread-safe. Whatever goes wrong in it, nothing is thrown. */
interface AnswerStore extends AutoCloseable {

    /** The answer kept under a key; null if there is none that is young enough, or the shelf is out of reach. */
    @Nullable
    StoredAnswer find(String key);

    /** Keeps an answer, in place of an earlier one; may take its time. False if it could not. */
    boolean keep(String key, StoredAnswer answer);

    /** Makes ready, so that the first who asks need not wait; may take its time. */
    default void open() {}

    @Override
    default void close() {}
}
