package io.bactrian.request;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A switch that cancels a request and its running call, because the caller left, a race is lost or the program stops. Thread-safe.
 */
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile @Nullable Runnable action;
    private volatile @Nullable Runnable atStop;
    private volatile boolean stopped;

    /** Cancels the request and its running call. May be called more than once. */
    public void cancel() {
        cancelled.countDown();
        Runnable cancel = action;
        if (cancel != null) {
            cancel.run();
        }
    }

    /** Cancels the request because the program stops; false if it was cancelled before. */
    boolean stop() {
        if (isCancelled()) {
            return false;
        }
        stopped = true;
        cancel();
        Runnable more = atStop;
        if (more != null) {
            more.run();
        }
        return true;
    }

    /** True if it was cancelled because the program stops. */
    boolean isStopped() {
        return stopped;
    }

    /** Sets what else is to be done if the program stops. */
    public void onStop(Runnable then) {
        atStop = then;
        if (stopped) {
            then.run();
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
