package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Target;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How quick and how busy each pair of provider and model is: its recent times to first token, apart for streams and for
 * documents, and its calls under way. Thread-safe.
 */
public final class TargetLatencies {
    /** Callers name models of their own; whoever was not asked for longest is forgotten. */
    private static final int MAX_TARGETS = 10_000;

    private final Clock clock;
    private final Cache<String, Speed> known =
            Caffeine.newBuilder().maximumSize(MAX_TARGETS).build();

    public TargetLatencies(Clock clock) {
        this.clock = clock;
    }

    private static final class Speed {
        final AtomicInteger underWay = new AtomicInteger();
        final LatencyWindow streams = new LatencyWindow();
        final LatencyWindow documents = new LatencyWindow();

        LatencyWindow samples(boolean stream) {
            return stream ? streams : documents;
        }
    }

    /** A call to the target begins. */
    public void callStarted(Target target) {
        of(target).underWay.incrementAndGet();
    }

    /** A call to the target has ended, whichever way. */
    public void callEnded(Target target) {
        Speed speed = known.getIfPresent(target.key());
        if (speed != null) {
            speed.underWay.decrementAndGet();
        }
    }

    /** How many calls to the target are under way. */
    public int inFlight(Target target) {
        Speed speed = known.getIfPresent(target.key());
        // Whoever was forgotten in the meantime has ends without a beginning.
        return speed == null ? 0 : Math.max(0, speed.underWay.get());
    }

    /**
     * Notes how long the first token took; where one document answered, the whole answer.
     *
     * @param stream whether the target was asked for a stream
     */
    public void firstToken(Target target, boolean stream, long millis) {
        of(target).samples(stream).add(millis, clock.millis());
    }

    /** Notes that a call ran into a limit before its first token: it would have taken longer, and never less than usual. */
    public void timedOut(Target target, boolean stream, long millis) {
        Duration usual = median(target, stream);
        firstToken(target, stream, usual == null ? millis : Math.max(millis, usual.toMillis()));
    }

    /** The time to first token that 95 of 100 recent calls kept to; null below 20 samples. */
    public @Nullable Duration p95(Target target, boolean stream) {
        Speed speed = known.getIfPresent(target.key());
        return speed == null
                ? null
                : speed.samples(stream).quantiles(clock.millis()).p95();
    }

    /** The time to first token that half of the recent calls kept to; null below 3 samples. */
    public @Nullable Duration median(Target target, boolean stream) {
        Speed speed = known.getIfPresent(target.key());
        return speed == null
                ? null
                : speed.samples(stream).quantiles(clock.millis()).median();
    }

    /** Counts up with every sample of the target. */
    public int samples(Target target, boolean stream) {
        Speed speed = known.getIfPresent(target.key());
        return speed == null ? 0 : speed.samples(stream).written();
    }

    private Speed of(Target target) {
        return known.get(target.key(), key -> new Speed());
    }
}
