package io.bactrian.request;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A switch that cancels a request and its running call, because the caller left or a race is lost. Thread-safe. */
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile @Nullable Runnable action;

    /** Cancels the request and its running call. May be called more than once. */
    public void cancel() {
        cancelled.countDown();
        Runnable cancel = action;
        if (cancel != null) {
            cancel.run();
        }
    }

    public boolean isCancelled() {
        return cancelled.getCount() == 0;
    }

    /** Sets the action that cancels the running call, and runs it at once if this is cancelled already; null for no call. */
    void onCancel(@Nullable Runnable cancel) {
        action = cancel;
        if (cancel != null && isCancelled()) {
            cancel.run();
        }
    }

    /** Waits for some milliseconds; returns early when this is cancelled. */
    void await(long millis) throws InterruptedException {
        if (millis > 0) {
            boolean early = cancelled.await(millis, TimeUnit.MILLISECONDS);
            assert !early || isCancelled();
        }
    }
}
