package io.bactrian.alert;

import io.bactrian.alert.Observation.Fallback;
import io.bactrian.alert.Observation.LatestFailure;
import io.bactrian.alert.Observation.UnknownErrors;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.health.ProbeResult;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Problem;
import io.bactrian.request.DrilledCalls;
import io.bactrian.request.RequestContext;
import io.bactrian.request.ResponseHeaders;
import io.bactrian.routing.Observer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The counts of requests and calls that alerts need: for each chain and target of the configuration, and for none that only
 * callers name. Thread-safe.
 */
public final class AlertCounters implements Observer {
    private static final String WORD = "[A-Za-z0-9_.-]{1,64}";
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;
    private static final int TIMED_OUT = 504;
    /** Failures that are reported as unclassified before their target is known; there are never many. */
    private static final int MAX_UNCLAIMED = 100;

    private final Clock clock;
    private final Map<String, OfChain> chains = new ConcurrentHashMap<>();
    private final Map<String, OfTarget> targets = new ConcurrentHashMap<>();
    private final Map<String, UnknownErrors> unknown = new ConcurrentHashMap<>();
    private final Set<Failure> unclaimed = ConcurrentHashMap.newKeySet();

    public AlertCounters(Clock clock) {
        this.clock = clock;
    }

    /** The counts of one chain. */
    static final class OfChain {
        final MinuteRing lately = new MinuteRing();
        volatile int failedInARow;
        volatile long failingSince;
        volatile long failedAt;

        private synchronized void failed(long now) {
            failingSince = failedInARow == 0 ? now : failingSince;
            failedAt = now;
            failedInARow++;
        }

        private synchronized void answered() {
            failedInARow = 0;
            failingSince = 0;
        }
    }

    /** The counts of one target. */
    static final class OfTarget {
        final LongAdder answers = new LongAdder();
        volatile @Nullable LatestFailure latest;
        volatile int modelMissing;
        volatile long drilledAt;

        private synchronized void failed(FailureClass type, int status, long now) {
            latest = new LatestFailure(type, status, now);
            modelMissing = type == FailureClass.MODEL_UNAVAILABLE ? modelMissing + 1 : modelMissing;
        }
    }

    /** Counts for the chains and targets of this configuration from now on, and forgets those of others. */
    public void follow(Config config) {
        Set<String> chainNames = config.chains().keySet();
        Set<String> targetNames = config.everyTarget().keySet();
        chains.keySet().retainAll(chainNames);
        targets.keySet().retainAll(targetNames);
        unknown.keySet().retainAll(config.providers().keySet());
        chainNames.forEach(name -> chains.computeIfAbsent(name, n -> new OfChain()));
        targetNames.forEach(name -> targets.computeIfAbsent(name, n -> new OfTarget()));
    }

    @Override
    public void answered(Target target, long millis) {
        OfTarget counts = targets.get(target.name());
        if (counts != null) {
            counts.answers.increment();
            if (counts.modelMissing > 0) {
                counts.modelMissing = 0;
            }
        }
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        if (failure.type() == FailureClass.CANCELLED) {
            return;
        }
        long now = clock.millis();
        OfTarget counts = targets.get(target.name());
        if (counts != null) {
            counts.failed(failure.type(), failure.status(), now);
        }
        if (!unclaimed.isEmpty() && unclaimed.remove(failure)) {
            String code = failure.code() != null && failure.code().matches(WORD) ? failure.code() : null;
            unknown.put(
                    target.provider().name(),
                    new UnknownErrors(target.provider().name(), failure.status(), code, now));
        }
    }

    /** Probes show what callers have not met yet, or not met again. */
    @Override
    public void probed(ProbeResult result) {
        Failure failure = result.failure();
        if (failure != null) {
            failed(result.target(), failure, result.millis());
        } else if (result.ofModel()) {
            answered(result.target(), result.millis());
        }
    }

    /** Notes a failure that no rule of classification knows. The call that it belongs to fails with it later. */
    public void unclassified(Failure failure) {
        if (unclaimed.size() >= MAX_UNCLAIMED) {
            unclaimed.clear();
        }
        unclaimed.add(failure);
    }

    @Override
    public void done(RequestContext context) {
        List<DrilledCalls.Call> drilled = context.drilledCalls().calls();
        if (!drilled.isEmpty()) {
            noteDrills(drilled);
            return;
        }
        OfChain counts = chains.get(context.chain().name());
        if (counts == null || context.isCancelled()) {
            return;
        }
        long now = clock.millis();
        Problem problem = context.problem();
        if (problem == null) {
            if (counts.failedInARow > 0 && context.lastResort() == null) {
                counts.answered();
            }
            if (ResponseHeaders.fallbacks(context) == 0) {
                counts.lately.request(now);
            } else {
                counts.lately.fallback(way(context), now);
            }
        } else if (problem.status() >= SERVER_ERROR || problem.status() == TOO_MANY) {
            counts.lately.request(now);
            if (!isOwnDoing(context, problem)) {
                counts.failed(now);
            }
        }
    }

    /** Whether the caller allowed so little, a short time or one target only, that its failure says nothing of the chain. */
    private static boolean isOwnDoing(RequestContext context, Problem problem) {
        boolean hasty = context.ownDeadline()
                && problem.status() == TIMED_OUT
                && context.plan().deadlineAt() - context.startedAt()
                        < context.chain().limits().firstTokenTimeout().toMillis();
        return hasty || !context.plan().fallback();
    }

    private void noteDrills(List<DrilledCalls.Call> drilled) {
        for (DrilledCalls.Call call : drilled) {
            OfTarget counts = targets.get(call.target());
            if (counts != null) {
                counts.drilledAt = clock.millis();
            }
        }
    }

    private static Fallback way(RequestContext context) {
        Candidate first = context.plan().candidates().getFirst();
        Candidate by = context.answeredBy();
        String to = by != null
                ? by.target().name()
                : context.lastResort() == null ? "none" : context.lastResort().step();
        FailureClass failure = first.lastFailure();
        String skipped = first.skipped();
        return new Fallback(
                first.target().name(), to, failure != null ? failure.name() : skipped != null ? skipped : "UNKNOWN");
    }

    OfChain ofChain(String name) {
        return chains.getOrDefault(name, new OfChain());
    }

    OfTarget ofTarget(String name) {
        return targets.getOrDefault(name, new OfTarget());
    }

    List<UnknownErrors> unknownErrors() {
        return new ArrayList<>(unknown.values());
    }
}
