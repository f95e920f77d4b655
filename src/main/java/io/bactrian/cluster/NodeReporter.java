package io.bactrian.cluster;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sender of this node's reports, on a thread of its own: a report of what has changed at once, and one of everything every
 * 30 s, more often when a node has just come. While the broker is away nothing is kept but the latest state, which is sent when it is back. Thread-safe.
 */
public final class NodeReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.nodes");
    private static final long LONGEST_GAP_MILLIS = 30_000;
    /** The first gap between two complete reports: a node that has just come may not listen yet. */
    private static final long FIRST_GAP_MILLIS = 1_000;
    /** The time in which changes become one report. */
    private static final long GATHER_MILLIS = 20;

    private static final long RETRY_MILLIS = 1_000;
    /** The time for which failures are not said, because an embedded broker starts beside the gateway. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Cluster cluster;
    private final ServedTargets targets;
    private final String node;
    private final Sending sending;
    private final Semaphore news = new Semaphore(0);
    private final Runnable signal = this::signal;
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Thread thread;
    private boolean troubled;
    /** When sending began to fail, as {@link System#nanoTime} counts; 0 if it works. */
    private long failingSince;

    /** One way to send a report to all nodes. */
    @FunctionalInterface
    public interface Sending {
        /** @throws Exception if it could not be sent */
        void send(String report) throws Exception;
    }

    /** @param node the name of this node */
    public NodeReporter(Cluster cluster, ServedTargets targets, String node, Sending sending) {
        this.cluster = cluster;
        this.targets = targets;
        this.node = node;
        this.sending = sending;
    }

    /** Takes over from the reporter of an earlier generation. */
    public synchronized void serve() {
        if (thread == null && closed.getCount() > 0) {
            cluster.serve(targets, signal);
            thread = Thread.ofVirtual().name("report-node").start(this::run);
        }
    }

    private void signal() {
        if (news.availablePermits() == 0) {
            news.release();
        }
    }

    private void run() {
        boolean complete = true;
        long gap = FIRST_GAP_MILLIS;
        long completeAt = System.nanoTime();
        try {
            while (closed.getCount() > 0) {
                if (!sent(complete)) {
                    complete = true;
                    if (closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    continue;
                }
                if (complete) {
                    completeAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(gap);
                    gap = Math.min(2 * gap, LONGEST_GAP_MILLIS);
                }
                long left = completeAt - System.nanoTime();
                complete = !news.tryAcquire(Math.max(0, left), TimeUnit.NANOSECONDS);
                if (!complete && closed.await(GATHER_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
                news.drainPermits();
                if (cluster.takeNewcomer()) {
                    complete = true;
                    gap = FIRST_GAP_MILLIS;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends what there is to report; false if that was not possible. */
    private boolean sent(boolean complete) throws InterruptedException {
        Cluster.Draft draft = cluster.draft(node, complete);
        if (draft == null) {
            return true;
        }
        try {
            sending.send(draft.json());
        } catch (Exception e) {
            if (Thread.interrupted() || closed.getCount() == 0) {
                throw new InterruptedException();
            }
            long now = System.nanoTime();
            failingSince = failingSince == 0 ? now : failingSince;
            if (!troubled && now - failingSince > QUIET_NANOS) {
                troubled = true;
                LOG.warn(
                        "Cannot tell other nodes of breakers and cooldowns: {}. It is tried again, without another word until"
                                + " it works",
                        root(e));
            }
            return false;
        }
        if (troubled) {
            LOG.info("Other nodes are told of breakers and cooldowns again");
        }
        troubled = false;
        failingSince = 0;
        cluster.sent(draft);
        return true;
    }

    /** The kind of the root cause. Its message is left out, because it may quote the URL of the broker. */
    private static String root(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName();
    }

    /** Ends its thread. */
    @Override
    public synchronized void close() {
        closed.countDown();
        cluster.leave(signal);
        if (thread != null) {
            thread.interrupt();
        }
    }
}
