package io.bactrian.metrics;

import io.bactrian.policy.FailureClass;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The meters of one target. Thread-safe. */
public final class TargetMeters {
    private final Timer answers;
    private final Counter cancelled;
    private final Map<FailureClass, Counter> failures = new ConcurrentHashMap<>();
    private volatile Meters.@Nullable LastFailure lastFailure;

    TargetMeters(Timer answers, Counter cancelled) {
        this.answers = answers;
        this.cancelled = cancelled;
    }

    /** The durations of successful calls, until the whole answer. */
    public Timer answers() {
        return answers;
    }

    /** The failed calls by class. */
    public Map<FailureClass, Counter> failures() {
        return failures;
    }

    /** The number of cancelled calls: the caller left, or another target was quicker. */
    public long cancelled() {
        return (long) cancelled.count();
    }

    void failed(Meters.LastFailure failure) {
        lastFailure = failure;
    }

    void cancel() {
        cancelled.increment();
    }

    /** The last failure; null if there was none. */
    public Meters.@Nullable LastFailure lastFailure() {
        return lastFailure;
    }
}
