package io.bactrian.request;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Whether somebody still waits for the answer, and what is under way for it. Thread-safe. */
final class Cancellation {
    private final CountDownLatch left = new CountDownLatch(1);
    private volatile @Nullable Runnable underWay;

    /** Nobody waits any longer: whatever is under way ends. */
    void cancel() {
        left.countDown();
        Runnable cancel = underWay;
        if (cancel != null) {
            cancel.run();
        }
    }

    boolean isCancelled() {
        return left.getCount() == 0;
    }

    /** Says how what is now under way is cancelled; null when it is over. */
    void onCancel(@Nullable Runnable cancel) {
        underWay = cancel;
        if (cancel != null && isCancelled()) {
            cancel.run();
        }
    }

    /** Waits; ends early when nobody waits any longer. */
    void await(long millis) throws InterruptedException {
        if (millis > 0) {
            boolean gone = left.await(millis, TimeUnit.MILLISECONDS);
            assert !gone || isCancelled();
        }
    }
}
