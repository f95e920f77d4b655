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
    private static final int HANDS = 2;
    /** Of what waits, in kilobytes. */
    private static final int ROOM = 64 << 10;

    private final Semaphore room = new Semaphore(ROOM);
    private final ThreadPoolExecutor hands;
    private final Runnable dropped;

    /** @param dropped counts what was left undone */
    BackgroundWriter(Runnable dropped) {
        this.dropped = dropped;
        this.hands = new ThreadPoolExecutor(
                HANDS,
                HANDS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().name("stale-", 0).daemon().factory());
        hands.allowCoreThreadTimeOut(true);
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
        int kilobytes = (int) Math.min(ROOM + 1L, 1 + bytes / 1024);
        if (!room.tryAcquire(kilobytes)) {
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
                room.release(kilobytes);
            }
        };
        try {
            hands.execute(job);
        } catch (RejectedExecutionException e) {
            room.release(kilobytes);
            dropped.run();
        }
    }

    /** Leaves something to be done that takes no room, when what was left before is done or under way. */
    void leaveBehind(Runnable work) {
        try {
            hands.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("Closed already: nothing is left to be done");
        }
    }

    @Override
    public void close() {
        hands.shutdown();
        try {
            if (!hands.awaitTermination(2, TimeUnit.SECONDS)) {
                hands.shutdownNow();
            }
        } catch (InterruptedException e) {
            hands.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
