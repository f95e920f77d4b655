package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The latency and load of each pair of provider and model: recent times to first token, separate for streams and
 * documents, and calls in flight. Thread-safe.
 */
public final class TargetLatencies {
    private final Clock clock;
    private final Cache<String, Latencies> targets;

    public TargetLatencies(Clock clock) {
        this(new TargetStores(), clock);
    }

    public TargetLatencies(TargetStores stores, Clock clock) {
        this.targets = stores.store();
        this.clock = clock;
    }

    private static final class Latencies {
        final AtomicInteger inFlight = new AtomicInteger();
        final LatencyWindow streams = new LatencyWindow();
        final LatencyWindow documents = new LatencyWindow();

        LatencyWindow samples(boolean stream) {
            return stream ? streams : documents;
        }
    }

    /** Notes the start of a call to the target. */
    public void callStarted(Target target) {
        of(target).inFlight.incrementAndGet();
    }

    /** Notes the end of a call to the target, successful or not. */
    public void callEnded(Target target) {
        Latencies latencies = targets.getIfPresent(target.key());
        if (latencies != null) {
            latencies.inFlight.decrementAndGet();
        }
    }

    /** Whether the target has been called. */
    public boolean isKnown(Target target) {
        return targets.getIfPresent(target.key()) != null;
    }

    /**
     * The services that a target has been asked for, as targets that are known for each by itself; for chat, if it has not been
     * called.
     */
    public List<Target> asked(Target target) {
        List<Target> asked = Arrays.stream(Service.values())
                .map(target::at)
                .filter(this::isKnown)
                .toList();
        return asked.isEmpty() ? List.of(target) : asked;
    }

    /** The number of calls to the target in flight. */
    public int inFlight(Target target) {
        Latencies latencies = targets.getIfPresent(target.key());
        // After an eviction, calls end whose start was not counted.
        return latencies == null ? 0 : Math.max(0, latencies.inFlight.get());
    }

    /**
     * Notes a time to first token in milliseconds; for a single document, the time to the whole answer.
     *
     * @param stream true if the target was asked for a stream
     */
    public void firstToken(Target target, boolean stream, long millis) {
        of(target).samples(stream).add(millis, clock.millis());
    }

    /**
     * Notes a call that ran into a limit before its first token. It would have taken longer than that limit, so it
     * counts as the limit or the current median, whichever is longer.
     */
    public void timedOut(Target target, boolean stream, long millis) {
        Duration usual = median(target, stream);
        firstToken(target, stream, usual == null ? millis : Math.max(millis, usual.toMillis()));
    }

    /** The 95th percentile of the recent times to first token; null below 20 samples. */
    public @Nullable Duration p95(Target target, boolean stream) {
        Latencies latencies = targets.getIfPresent(target.key());
        return latencies == null
                ? null
                : latencies.samples(stream).quantiles(clock.millis()).p95();
    }

    /** The median of the recent times to first token; null below 3 samples. */
    public @Nullable Duration median(Target target, boolean stream) {
        Latencies latencies = targets.getIfPresent(target.key());
        return latencies == null
                ? null
                : latencies.samples(stream).quantiles(clock.millis()).median();
    }

    /** A number that changes with every sample of the target. */
    public int samples(Target target, boolean stream) {
        Latencies latencies = targets.getIfPresent(target.key());
        return latencies == null ? 0 : latencies.samples(stream).written();
    }

    private Latencies of(Target target) {
        return targets.get(target.key(), key -> new Latencies());
    }
}
