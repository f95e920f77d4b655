package io.bactrian.lastresort;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bounded queue and two threads that store answers after the response was sent, in the order of arrival. Work beyond
 * the bound is dropped and counted. Thread-safe. The threads are platform threads, because drivers of databases hold
 * locks while they wait, which would pin the carriers of virtual threads.
 */
final class BackgroundWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundWriter.class);
    private static final int THREADS = 2;
    /** The bound of the queue, in kilobytes of memory that pending work holds. */
    private static final int MAX_PENDING_KB = 64 << 10;

    private final Semaphore pendingKb = new Semaphore(MAX_PENDING_KB);
    private final ThreadPoolExecutor threads;
    private final Runnable dropped;

    /** @param dropped counts the work that was not done */
    BackgroundWriter(Runnable dropped) {
        this.dropped = dropped;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("stale-", 0).daemon().factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /** A piece of work; returns true if it was done. */
    interface Work {
        boolean done();
    }

    /**
     * Queues a piece of work.
     *
     * @param bytes the memory that it holds until it is done
     */
    void leave(long bytes, Work work) {
        int kilobytes = (int) Math.min(MAX_PENDING_KB + 1L, 1 + bytes / 1024);
        if (!pendingKb.tryAcquire(kilobytes)) {
            dropped.run();
            return;
        }
        Runnable job = () -> {
            try {
                if (!work.done()) {
                    dropped.run();
                }
            } catch (RuntimeException e) {
                // Without the message of the exception, which may quote the answer.
                LOG.error("Cannot store an answer: {} at {}", e.getClass().getName(), e.getStackTrace()[0]);
                dropped.run();
            } finally {
                pendingKb.release(kilobytes);
            }
        };
        try {
            threads.execute(job);
        } catch (RejectedExecutionException e) {
            pendingKb.release(kilobytes);
            dropped.run();
        }
    }

    /** Queues work that needs no memory; it runs when the work queued before is done or in progress. */
    void leaveBehind(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("Work dropped: the writer is closed");
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(2, TimeUnit.SECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
