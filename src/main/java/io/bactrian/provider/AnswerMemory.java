package io.bactrian.provider;

import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The memory that large answers of providers may take at once, for all callers together: documents, events, and what is held back
 * of streams. Small answers do not count. A provider that sends as much as it can to many requests would fill all of it
 * otherwise. Thread-safe.
 */
public final class AnswerMemory {
    private final AtomicLong free;
    private final Map<String, AtomicLong> byCaller = new ConcurrentHashMap<>();
    private final long mostOfOne;

    /** @param bytes the bytes of all answers; one of several callers may take three quarters of them */
    public AnswerMemory(long bytes) {
        this.free = new AtomicLong(bytes);
        this.mostOfOne = bytes - bytes / 4;
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

    /**
     * The share of one call, which takes nothing yet and must be closed.
     *
     * @param caller the name of the caller's key; empty if there are no others
     */
    public Share share(String caller) {
        return new Share(caller);
    }

    private boolean take(long bytes, String caller) {
        if (caller.isEmpty()) {
            return take(bytes);
        }
        AtomicLong own = of(caller);
        if (own.addAndGet(bytes) <= mostOfOne && take(bytes)) {
            return true;
        }
        own.addAndGet(-bytes);
        return false;
    }

    private void give(long bytes, String caller) {
        if (!caller.isEmpty()) {
            of(caller).addAndGet(-bytes);
        }
        give(bytes);
    }

    private AtomicLong of(String caller) {
        return byCaller.computeIfAbsent(caller, c -> new AtomicLong());
    }

    /** The memory of one call's answer. Used by the thread of its request; may be closed more than once. */
    public final class Share implements LongConsumer, AutoCloseable {
        /** The bytes of an answer that are not worth counting. */
        private static final long FREE_BYTES = 1 << 20;

        private final String caller;
        private long size;
        private long taken;

        private Share(String caller) {
            this.caller = caller;
        }

        /**
         * Adds bytes that the answer takes.
         *
         * @throws CallFailed if all large answers together, or those of this caller, take too many
         */
        @Override
        public void accept(long bytes) {
            size += bytes;
            long more = size - FREE_BYTES - taken;
            if (more <= 0) {
                return;
            }
            if (!take(more, caller)) {
                throw new CallFailed(
                        Failure.of(FailureClass.OVERLOADED, "the gateway has no memory left for large answers"),
                        false,
                        false);
            }
            taken += more;
        }

        /** True if nothing has to be given back: small answers take nothing. */
        public boolean isEmpty() {
            return taken == 0;
        }

        /** Gives all of it back. */
        @Override
        public void close() {
            long all = taken;
            taken = 0;
            size = 0;
            if (all > 0) {
                give(all, caller);
            }
        }
    }
}
