package io.bactrian.request;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A switch that ends a request, because its caller left or it lost a race, and the call under way for it. Thread-safe. */
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private volatile @Nullable Runnable action;

    /** Ends whatever is under way. More than once it does nothing. */
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

    /** Sets how the call now under way is cancelled, which happens at once if this is cancelled already; null when it is over. */
    void onCancel(@Nullable Runnable cancel) {
        action = cancel;
        if (cancel != null && isCancelled()) {
            cancel.run();
        }
    }

    /** Waits some milliseconds; ends early when it is cancelled. */
    void await(long millis) throws InterruptedException {
        if (millis > 0) {
            boolean early = cancelled.await(millis, TimeUnit.MILLISECONDS);
            assert !early || isCancelled();
        }
    }
}
