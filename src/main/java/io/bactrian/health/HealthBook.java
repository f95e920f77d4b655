package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Target;
import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.policy.Failure;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The health of every target, from the outcomes of calls and probes. Like breakers it belongs to provider and model. Outlives
 * generations. Thread-safe.
 */
public final class HealthBook {
    /** Bounded, because callers may name models of their own; rarely used ones are forgotten. */
    private static final int MAX_TARGETS = 10_000;

    private final Clock clock;
    private final long startedAt;
    private final DoubleSupplier random;
    private final ProbeBudget budget = new ProbeBudget();
    private final Cache<String, WatchedTarget> others =
            Caffeine.newBuilder().maximumSize(MAX_TARGETS).build();
    private volatile Map<String, WatchedTarget> configured = Map.of();
    private volatile ProbeSchedule schedule;
    private volatile @Nullable Breakers breakers;
    private volatile boolean probing;
    private Duration followed = Duration.ZERO;

    public HealthBook(Clock clock) {
        this(clock, () -> ThreadLocalRandom.current().nextDouble());
    }

    /** @param random 0..1, for the times of probes */
    HealthBook(Clock clock, DoubleSupplier random) {
        this.clock = clock;
        this.startedAt = clock.millis();
        this.random = random;
        this.schedule = new ProbeSchedule(Duration.ofSeconds(30), random);
    }

    /**
     * Takes over a configuration.
     *
     * @param targets all of them, by what makes them the same
     * @param probed those that are probed; empty if there is no monitor
     * @param period the time between two probes
     * @param dollars the budget of a day
     * @param used the breakers of the configuration
     */
    public synchronized void follow(
            Collection<Target> targets, Collection<Target> probed, Duration period, double dollars, Breakers used) {
        long now = clock.millis();
        Map<String, WatchedTarget> next = new HashMap<>();
        for (Target target : targets) {
            next.computeIfAbsent(target.key(), key -> of(key, now)).probed(false);
        }
        for (Target target : probed) {
            next.computeIfAbsent(target.key(), key -> of(key, now)).probed(true);
        }
        configured.forEach((key, left) -> {
            if (!next.containsKey(key)) {
                left.probed(false);
                others.put(key, left);
            }
        });
        if (!period.equals(followed)) {
            next.values().forEach(WatchedTarget::reschedule);
            followed = period;
        }
        schedule = new ProbeSchedule(period.isZero() ? Duration.ofSeconds(30) : period, random);
        budget.perDay(dollars, now);
        breakers = used;
        probing = !probed.isEmpty();
        configured = Map.copyOf(next);
        others.invalidateAll(next.keySet());
    }

    private WatchedTarget of(String key, long now) {
        WatchedTarget known = configured.get(key);
        return known != null ? known : others.get(key, k -> new WatchedTarget(now));
    }

    private @Nullable WatchedTarget find(String key) {
        WatchedTarget known = configured.get(key);
        return known != null ? known : others.getIfPresent(key);
    }

    /** Notes a success of a caller's request. On the path of every request. */
    public void answered(Target target, long millis) {
        long now = clock.millis();
        of(target.key(), now).answered(now, millis);
    }

    /**
     * Notes a failure of a caller's request.
     *
     * @param counted whether it is one of the target, and not of an early end or a closed connection
     * @param anotherKey whether the provider has another key that may be used for the target
     * @param ofAll whether it concerns all callers; one that a single caller may have brought about only has the target probed
     */
    public void failed(
            Target target, Failure failure, boolean counted, boolean anotherKey, boolean ofAll, long millis) {
        long now = clock.millis();
        Outcome shown = Outcome.failure(failure, counted, anotherKey, now - millis, Evidence.TRAFFIC);
        Outcome outcome = ofAll ? shown : shown.inDoubt();
        of(target.key(), now).failed(outcome, millis, now, schedule);
    }

    /** Claims the target's next probe if it is due; it has to end in {@link #probed} or {@link #postpone}. */
    public boolean claimProbe(Target target) {
        long now = clock.millis();
        return of(target.key(), now).claim(now, schedule);
    }

    /** Returns a claimed probe that was not made, until a time in epoch milliseconds. */
    public void postpone(Target target, long until) {
        of(target.key(), clock.millis()).release(until);
    }

    /**
     * Notes the end of a claimed probe.
     *
     * @param anotherKey whether the provider has another key that may be used for the target
     */
    public void probed(ProbeResult result, boolean anotherKey) {
        long now = clock.millis();
        long began = now - result.millis();
        Failure failure = result.failure();
        WatchedTarget watched = of(result.target().key(), now);
        Outcome outcome = failure == null
                ? result.ofModel()
                        ? Outcome.success(began, Evidence.PROBE, false)
                        : Outcome.listed(began, watched.state().cause())
                : Outcome.failure(failure, true, anotherKey, began, Evidence.PROBE);
        watched.ended(outcome, result.millis(), now, schedule);
    }

    /** Whether the budget allows another probe of the target. */
    public boolean affords(Target target) {
        WatchedTarget known = find(target.key());
        return budget.allows(known != null && (known.isDown() || known.state().failures() > 0), clock.millis());
    }

    /** Takes the cost of a probe from the budget. */
    public void spend(double dollars) {
        budget.spend(dollars, clock.millis());
    }

    /** Forgets what is known of a target, so that it is probed at once: an operator says that it is well. */
    public void forget(Target target) {
        WatchedTarget known = find(target.key());
        if (known != null) {
            known.forget(clock.millis());
        }
    }

    /** Whether a target is down and is probed, so that others come first. On the path of every request. */
    public boolean isDown(Target target) {
        if (!probing) {
            return false;
        }
        WatchedTarget known = configured.get(target.key());
        return known != null && known.isDown() && known.isProbed();
    }

    /** What is known of a target now. */
    public HealthReport of(Target target) {
        WatchedTarget known = find(target.key());
        Breakers used = breakers;
        boolean halfOpen = used != null && used.state(target).equals("HALF_OPEN");
        return (known == null ? new WatchedTarget(startedAt) : known).report(target, halfOpen);
    }
}
