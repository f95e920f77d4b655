package io.bactrian.page;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The calls to one target: the last success and failure, failures by class within the last hour. Thread-safe. */
final class TargetTraffic {
    private static final FailureClass[] CLASSES = FailureClass.values();

    private final AtomicReferenceArray<@Nullable WindowCounter> classes = new AtomicReferenceArray<>(CLASSES.length);
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private volatile long lastSuccess;
    private volatile @Nullable Failure lastFailure;
    private volatile String state = "UNKNOWN";
    private volatile long stateSince;
    private volatile @Nullable String breaker;

    void answered(long now) {
        if (now != lastSuccess) {
            lastSuccess = now;
        }
        if (failuresInARow.get() != 0) {
            failuresInARow.set(0);
        }
    }

    void failed(Failure failure) {
        FailureClass type = failure.type();
        if (type == FailureClass.CANCELLED || type == FailureClass.CIRCUIT_OPEN) {
            return;
        }
        counter(type).increment();
        if (!failure.isRefusal()) {
            lastFailure = failure;
            failuresInARow.incrementAndGet();
        }
    }

    private WindowCounter counter(FailureClass type) {
        WindowCounter counter = classes.get(type.ordinal());
        if (counter == null) {
            classes.compareAndSet(type.ordinal(), null, new WindowCounter(Traffic.MINUTES));
            counter = classes.get(type.ordinal());
        }
        return counter == null ? new WindowCounter(1) : counter;
    }

    /** Failures in a row that are no fault of the request. */
    int failuresInARow() {
        return failuresInARow.get();
    }

    /** The last failure that is no fault of the request; null if there was none. */
    @Nullable
    Failure lastFailure() {
        return lastFailure;
    }

    /** Epoch milliseconds; 0 if there was none. */
    long lastSuccess() {
        return lastSuccess;
    }

    /** The failures of a class within the last hour. */
    long failures(FailureClass type) {
        WindowCounter counter = classes.get(type.ordinal());
        return counter == null ? 0 : counter.growth(Traffic.MINUTES);
    }

    /** Notes the word for the target's state, and returns since when it is the same, epoch milliseconds. */
    long state(String word, long now) {
        if (!word.equals(state) || stateSince == 0) {
            state = word;
            stateSince = now;
        }
        return stateSince;
    }

    /** Notes the state of the breaker, and returns the one before; null if it was not known. */
    @Nullable
    String breaker(String now) {
        String before = breaker;
        breaker = now;
        return before;
    }

    void sample(long minute) {
        for (int i = 0; i < CLASSES.length; i++) {
            WindowCounter counter = classes.get(i);
            if (counter != null) {
                counter.sample(minute);
            }
        }
    }
}
