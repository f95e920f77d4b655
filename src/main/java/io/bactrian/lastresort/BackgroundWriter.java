package io.bactrian.lastresort;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where work is done that no request waits for, in the order it came. What there is no room for is left undone and counted.
 * Thread-safe. Its threads are the platform's: drivers of databases hold locks while they wait, and would hold fast the carriers
 * of virtual threads with them.
 */
final class BackgroundWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundWriter.class);
    private static final int THREADS = 2;
    /** Of what waits, in kilobytes. */
    private static final int MAX_PENDING_KB = 64 << 10;

    private final Semaphore pendingKb = new Semaphore(MAX_PENDING_KB);
    private final ThreadPoolExecutor threads;
    private final Runnable dropped;

    /** @param dropped counts what was left undone */
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

    /** Something to be done; says whether it was. */
    interface Work {
        boolean done();
    }

    /**
     * Leaves work to be done.
     *
     * @param bytes how much memory it holds until then
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
                // Not its message, which may quote what it is about.
                LOG.error("An answer could not be kept: {} at {}", e.getClass().getName(), e.getStackTrace()[0]);
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

    /** Leaves something to be done that takes no room, when what was left before is done or under way. */
    void leaveBehind(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closed already: nothing is left to be done");
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
