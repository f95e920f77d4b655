package io.bactrian.page;

import io.bactrian.config.Target;
import io.bactrian.health.ProbeResult;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.protocol.Problem;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.Observer;
import java.time.Clock;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The traffic of the last minutes, by chain and by target. It observes every request: what happens often is only counted, and an
 * event is made only of a request that did not simply get its answer. Thread-safe.
 */
public final class Traffic implements Observer {
    /** The seconds that counters of requests know. */
    static final int SECONDS = 600;
    /** The minutes that counters of failures know. */
    static final int MINUTES = 60;

    /** Further names that only callers use share a row, because they may name any model. */
    private static final int MAX_NAMES = 500;

    private static final String OTHER = "other";

    private final RecentEvents events;
    private final Clock clock;
    private final Map<String, ChainTraffic> chains = new ConcurrentHashMap<>();
    private final Map<String, TargetTraffic> targets = new ConcurrentHashMap<>();
    private final DailyCost cost = new DailyCost();
    /** The time of the last sample: exact enough for answers, and cheaper than a clock. */
    private volatile long sampledAt;

    public Traffic(RecentEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
        this.sampledAt = clock.millis();
    }

    /** Gives the chains and targets of a configuration rows of their own, whatever names callers have made up before. */
    void keep(Collection<String> chainNames, Collection<String> targetNames) {
        chainNames.forEach(name -> chains.computeIfAbsent(name, n -> new ChainTraffic()));
        targetNames.forEach(name -> targets.computeIfAbsent(name, n -> new TargetTraffic()));
    }

    @Override
    public void answered(Target target, long millis) {
        of(target).answered(sampledAt);
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        of(target).failed(failure);
    }

    @Override
    public void probed(ProbeResult result) {
        cost.probe(result.dollars(), clock.millis());
    }

    @Override
    public void done(RequestContext context) {
        ChainTraffic chain = chain(context.chain().name());
        chain.requests.increment();
        Problem problem = context.problem();
        if (context.isCancelled()) {
            return;
        }
        if (problem != null) {
            if (problem.status() >= 500 || problem.status() == 429) {
                chain.failed.increment();
                note(context, PageEvent.Kind.FAILED);
            }
            return;
        }
        Candidate by = context.answeredBy();
        LastResortAnswer lastResort = context.lastResort();
        if (by == null && lastResort == null) {
            return;
        }
        chain.answered(
                lastResort != null
                        ? lastResort.step()
                        : by == null ? OTHER : by.target().name());
        long first = context.firstContentAfter();
        if (first >= 0) {
            chain.firstContent.add(first, context.startedAt() + first);
        }
        if (ResponseHeaders.fallbacks(context) > 0) {
            chain.fallbacks.increment();
            note(
                    context,
                    !context.partialAnswer().rescues().isEmpty()
                            ? PageEvent.Kind.RESCUE
                            : lastResort != null ? PageEvent.Kind.DEGRADED : PageEvent.Kind.FALLBACK);
        } else if (!context.partialAnswer().rescues().isEmpty()) {
            note(context, PageEvent.Kind.RESCUE);
        } else if (lastResort != null) {
            note(context, PageEvent.Kind.DEGRADED);
        }
    }

    private void note(RequestContext context, PageEvent.Kind kind) {
        long now = clock.millis();
        RecentEvents.Place place = events.place(kind, now);
        if (place != null) {
            events.add(RequestEvents.of(context, kind, place.leftOut(), now));
        }
    }

    /** The traffic of a target; the names of one target in several services count together. */
    TargetTraffic of(Target target) {
        return row(targets, target.name(), name -> new TargetTraffic());
    }

    /** The traffic of a chain by its name. */
    ChainTraffic chain(String name) {
        return row(chains, name, n -> new ChainTraffic());
    }

    /** All chains, those that only callers name included. */
    Collection<ChainTraffic> chains() {
        return chains.values();
    }

    DailyCost cost() {
        return cost;
    }

    private static <T> T row(Map<String, T> rows, String name, Function<String, T> make) {
        @Nullable T known = rows.get(name);
        return known != null ? known : rows.computeIfAbsent(rows.size() < MAX_NAMES ? name : OTHER, make);
    }

    /** Notes what all counters show; called once a second. */
    void sample(long now) {
        sampledAt = now;
        chains.values().forEach(chain -> chain.sample(now / 1000));
        targets.values().forEach(target -> target.sample(now / 60_000));
    }
}
