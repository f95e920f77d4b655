package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.health.HealthReport.Evidence;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The health of one target as far as it is known, and the time of its next probe. Thread-safe. */
final class WatchedTarget {
    private static final long NEVER = 0;

    /** A successful call of a caller writes these three and reads the state: nothing else happens on its path. */
    private final AtomicLong successAt = new AtomicLong(NEVER);

    private final AtomicLong trafficSuccessAt = new AtomicLong(NEVER);
    private final AtomicLong lastMillis = new AtomicLong(NEVER);

    private final ProbeTimes probeTimes = new ProbeTimes();
    private volatile TargetState state;
    private volatile long askedAt;
    private volatile long probeAt = NEVER;
    private volatile boolean isProbed;
    private boolean probing;
    private int probesWhileDown;

    WatchedTarget(long now) {
        this.state = TargetState.unknown(now);
        this.askedAt = now;
    }

    TargetState state() {
        return state;
    }

    boolean isDown() {
        return state.state() == HealthState.DOWN;
    }

    /** Whether probes are made, which notice when it is back. */
    boolean isProbed() {
        return isProbed;
    }

    void probed(boolean whether) {
        isProbed = whether;
    }

    /** Notes a success of a caller's request. */
    void answered(long now, long millis) {
        successAt.lazySet(now);
        trafficSuccessAt.lazySet(now);
        lastMillis.lazySet(millis);
        if (!state.isPlainlyUp()) {
            change(Outcome.success(now - millis, Evidence.TRAFFIC, false), now);
        }
    }

    /** Notes a failure of a caller's request, which brings the next probe nearer. */
    synchronized void failed(Outcome outcome, long millis, long now, ProbeSchedule schedule) {
        askedAt = now;
        if (outcome.kind() == Outcome.Kind.NOTHING) {
            return;
        }
        lastMillis.set(millis);
        boolean wasDown = isDown();
        change(outcome, now);
        boolean failed = outcome.kind() == Outcome.Kind.FAILURE || outcome.kind() == Outcome.Kind.DOUBTFUL;
        if (failed && probeAt != NEVER) {
            probesWhileDown = 0;
            probeAt = Math.min(probeAt, wasDown ? schedule.whileDown(now, 0) : schedule.soon(now));
        }
    }

    private synchronized void change(Outcome outcome, long now) {
        state = state.next(outcome, now);
    }

    /**
     * Claims the next probe, if it is due: until {@link #ended} or {@link #release} no other one is made.
     *
     * @param now epoch milliseconds
     */
    synchronized boolean claim(long now, ProbeSchedule schedule) {
        if (probing) {
            return false;
        }
        if (probeAt == NEVER || schedule.isTooFar(now, probeAt)) {
            probeAt = schedule.first(now);
        }
        if (now < probeAt) {
            return false;
        }
        long covered = trafficSuccessAt.get();
        if (state.isPlainlyUp() && schedule.isCovered(now, covered)) {
            probeAt = schedule.regular(covered, now);
            return false;
        }
        probing = true;
        return true;
    }

    /** Returns a claimed probe that was not made. */
    synchronized void release(long nextAt) {
        probing = false;
        probeAt = nextAt;
    }

    /** Notes that a claimed probe has ended. */
    synchronized void ended(Outcome outcome, long millis, long now, ProbeSchedule schedule) {
        probing = false;
        Outcome judged = outcome;
        if (outcome.kind() == Outcome.Kind.SUCCESS) {
            successAt.set(now);
            boolean slow = probeTimes.add(millis);
            judged = Outcome.success(outcome.startedAt(), outcome.source(), slow);
        }
        lastMillis.set(millis);
        boolean sure = state.state() == HealthState.DOWN || state.state() == HealthState.UNKNOWN;
        state = state.next(judged, now);
        if (isDown()) {
            probesWhileDown++;
            probeAt = schedule.whileDown(now, probesWhileDown);
        } else {
            probesWhileDown = 0;
            boolean doubtful = judged.kind() == Outcome.Kind.FAILURE && !sure;
            probeAt = doubtful ? schedule.soon(now) : schedule.regular(now, lastAskedAt());
        }
    }

    /** Has it probed as after the start, because the period has changed. */
    synchronized void reschedule() {
        probeAt = NEVER;
    }

    /** Forgets what is known, and has it probed soon. */
    synchronized void forget(long now) {
        state = TargetState.unknown(now);
        probesWhileDown = 0;
        if (probeAt != NEVER) {
            probeAt = now;
        }
    }

    private long lastAskedAt() {
        return Math.max(askedAt, trafficSuccessAt.get());
    }

    /** What is known now. */
    HealthReport report(Target target, boolean halfOpen) {
        TargetState known = state;
        boolean degraded = halfOpen && known.state() == HealthState.UP;
        return new HealthReport(
                target,
                degraded ? HealthState.DEGRADED : known.state(),
                known.since(),
                known.cause(),
                known.status(),
                orNull(lastMillis.get()),
                orNull(successAt.get()),
                known.evidence(),
                isProbed ? orNull(probeAt) : null);
    }

    private static @Nullable Long orNull(long value) {
        return value == NEVER ? null : (Long) value;
    }
}
