package io.bactrian.provider;

import io.bactrian.config.Target;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Measures one call to a model for {@link TargetLatencies}. Used by the request's thread, ended by any, once. */
public final class Stopwatch {
    /** For calls that no model answers. */
    public static final Stopwatch NONE = new Stopwatch(null, null, false, Clock.systemUTC(), 0);

    private final @Nullable TargetLatencies latencies;
    private final @Nullable Target target;
    private final boolean stream;
    private final Clock clock;
    private final long startedAt;
    private boolean measured;

    private Stopwatch(
            @Nullable TargetLatencies latencies, @Nullable Target target, boolean stream, Clock clock, long startedAt) {
        this.latencies = latencies;
        this.target = target;
        this.stream = stream;
        this.clock = clock;
        this.startedAt = startedAt;
    }

    /**
     * Starts with a call, which is under way until the end.
     *
     * @param stream whether the target is asked for a stream
     */
    public static Stopwatch start(TargetLatencies latencies, Target target, boolean stream, Clock clock) {
        latencies.callStarted(target);
        return new Stopwatch(latencies, target, stream, clock, clock.millis());
    }

    /** The first content has come. */
    public void firstToken() {
        if (!measured && latencies != null && target != null) {
            measured = true;
            latencies.firstToken(target, stream, clock.millis() - startedAt);
        }
    }

    /** The call failed. If for lack of time, and not of the caller's making, that says how slow the target is. */
    void failed(CallFailed why) {
        boolean slow = why.failure().type() == FailureClass.TIMEOUT && why.counts();
        if (slow && !measured && latencies != null && target != null) {
            measured = true;
            latencies.timedOut(target, stream, clock.millis() - startedAt);
        }
    }

    void end() {
        if (latencies != null && target != null) {
            latencies.callEnded(target);
        }
    }
}
