package io.bactrian.provider;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that large answers of providers may take at once, for all callers together. Small documents do not count. A
 * provider that sends as much as it can to many requests would fill all of it otherwise. Thread-safe.
 */
public final class AnswerMemory {
    private final AtomicLong free;

    /** @param bytes the bytes of all answers */
    public AnswerMemory(long bytes) {
        this.free = new AtomicLong(bytes);
    }

    /** A quarter of the heap, and room for one answer of the largest size at least. */
    public static AnswerMemory ofHeap(long largest) {
        return new AnswerMemory(Math.max(largest, Runtime.getRuntime().maxMemory() / 4));
    }

    /** Takes some bytes; false if there are not as many left. */
    public boolean take(long bytes) {
        if (free.addAndGet(-bytes) >= 0) {
            return true;
        }
        free.addAndGet(bytes);
        return false;
    }

    /** Gives bytes back that were taken. */
    public void give(long bytes) {
        free.addAndGet(bytes);
    }
}
