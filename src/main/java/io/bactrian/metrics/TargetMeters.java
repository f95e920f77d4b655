package io.bactrian.metrics;

import io.bactrian.policy.FailureClass;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is counted and timed of one target. Thread-safe. */
public final class TargetMeters {
    private final Timer answers;
    private final Counter cancelled;
    private final Map<FailureClass, Counter> failures = new ConcurrentHashMap<>();
    private volatile Meters.@Nullable LastFailure lastFailure;

    TargetMeters(Timer answers, Counter cancelled) {
        this.answers = answers;
        this.cancelled = cancelled;
    }

    public Timer answers() {
        return answers;
    }

    /** Failed calls by class. */
    public Map<FailureClass, Counter> failures() {
        return failures;
    }

    /** How many calls were cancelled, because the caller left or another target was quicker. */
    public long cancelled() {
        return (long) cancelled.count();
    }

    void failed(Meters.LastFailure failure) {
        lastFailure = failure;
    }

    void cancel() {
        cancelled.increment();
    }

    public Meters.@Nullable LastFailure lastFailure() {
        return lastFailure;
    }
}
