package io.bactrian.provider;

import io.bactrian.config.Target;
import io.bactrian.fallback.Speeds;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.FailureClass;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Measures one call to a model for {@link Speeds}. Used by the request's thread, ended by any, once. */
public final class Stopwatch {
    /** For calls that no model answers. */
    public static final Stopwatch NONE = new Stopwatch(null, null, false, Clock.systemUTC(), 0);

    private final @Nullable Speeds speeds;
    private final @Nullable Target target;
    private final boolean stream;
    private final Clock clock;
    private final long startedAt;
    private boolean measured;

    private Stopwatch(@Nullable Speeds speeds, @Nullable Target target, boolean stream, Clock clock, long startedAt) {
        this.speeds = speeds;
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
    public static Stopwatch start(Speeds speeds, Target target, boolean stream, Clock clock) {
        speeds.begun(target);
        return new Stopwatch(speeds, target, stream, clock, clock.millis());
    }

    /** The first content has come. */
    public void firstToken() {
        if (!measured && speeds != null && target != null) {
            measured = true;
            speeds.firstToken(target, stream, clock.millis() - startedAt);
        }
    }

    /** The call failed. If for lack of time, and not of the caller's making, that says how slow the target is. */
    void failed(CallFailed why) {
        boolean slow = why.failure().type() == FailureClass.TIMEOUT && why.counts();
        if (slow && !measured && speeds != null && target != null) {
            measured = true;
            speeds.timedOut(target, stream, clock.millis() - startedAt);
        }
    }

    void end() {
        if (speeds != null && target != null) {
            speeds.ended(target);
        }
    }
}
