package io.bactrian.monitor;

import java.time.Duration;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A publisher of documents to one place, on a thread of its own with a queue of its own: a place that is slow or away holds
 * nothing up. What cannot be sent is sent again after growing gaps; when the queue is full, the oldest document is dropped.
 * Thread-safe.
 */
final class Publisher implements AutoCloseable {
    static final int QUEUE = 20;

    private static final Logger LOG = LoggerFactory.getLogger("bactrian.health");
    private static final Duration LONGEST_SEND = Duration.ofSeconds(30);
    private static final long FIRST_GAP_MILLIS = 1_000;
    private static final long LONGEST_GAP_MILLIS = 300_000;

    private final String name;
    private final Sending sending;
    private final BlockingDeque<String> queue = new LinkedBlockingDeque<>(QUEUE);
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Thread thread;
    private boolean troubled;
    private long gap = FIRST_GAP_MILLIS;

    /** One way to send a document. */
    interface Sending {
        /** @throws Exception if it could not be sent */
        void send(String document) throws Exception;
    }

    /** @param name the place, without secrets */
    Publisher(String name, Sending sending) {
        this.name = name;
        this.sending = sending;
    }

    /** Adds a document, and returns at once. */
    synchronized void publish(String document) {
        if (closed.getCount() == 0) {
            return;
        }
        while (!queue.offerLast(document)) {
            queue.pollFirst();
        }
        if (thread == null) {
            thread = Thread.ofVirtual().name("publish-health").start(this::run);
        }
    }

    private void run() {
        try {
            while (closed.getCount() > 0) {
                String document = queue.takeFirst();
                while (!sent(document)) {
                    if (closed.await(gap, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                    gap = Math.min(2 * gap, LONGEST_GAP_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean sent(String document) throws InterruptedException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            sending.send(document);
            return null;
        });
        Thread sender = Thread.ofVirtual().name("publish-health-send").start(task);
        try {
            task.get(LONGEST_SEND.toMillis(), TimeUnit.MILLISECONDS);
            if (troubled) {
                LOG.info("Health is published to {} again", name);
            }
            troubled = false;
            gap = FIRST_GAP_MILLIS;
            return true;
        } catch (ExecutionException e) {
            failed(reason(e));
        } catch (TimeoutException e) {
            sender.interrupt();
            failed("no end within " + LONGEST_SEND.toSeconds() + " s");
        } catch (InterruptedException e) {
            sender.interrupt();
            throw e;
        }
        return false;
    }

    /** Why something could not be sent: the kind of the root cause. Its message is left out, because it may quote the URI. */
    private static String reason(Throwable thrown) {
        Throwable root = thrown;
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            if (t instanceof HttpOperationFailedException http) {
                return "status " + http.getStatusCode();
            }
            root = t;
        }
        return root.getClass().getSimpleName();
    }

    private void failed(String reason) {
        if (!troubled) {
            LOG.warn(
                    "Cannot publish health to {}: {}. It is tried again, without another word until it works",
                    name,
                    reason);
        }
        troubled = true;
    }

    /** Ends its thread; what waits in the queue is dropped. */
    @Override
    public synchronized void close() {
        closed.countDown();
        if (thread != null) {
            thread.interrupt();
        }
    }
}
