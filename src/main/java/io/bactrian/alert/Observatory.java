package io.bactrian.alert;

import io.bactrian.alert.Observation.BrokerTrouble;
import io.bactrian.alert.Observation.ChainView;
import io.bactrian.alert.Observation.LatestFailure;
import io.bactrian.alert.Observation.Letters;
import io.bactrian.alert.Observation.Refusal;
import io.bactrian.alert.Observation.TargetView;
import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthBook;
import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthState;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The collector of what the rules look at, from the state of the gateway under one configuration. For one thread at a time.
 */
public final class Observatory {
    private final Config config;
    private final Sources sources;
    private final Map<String, Target> targets;
    private final Map<String, List<String>> chainsOf = new HashMap<>();
    private final Map<String, List<String>> namesOf = new HashMap<>();
    private final Map<String, Duration> openFor = new HashMap<>();
    private final Map<String, Long> notClosedSince = new HashMap<>();
    private final Map<String, Long> onTrialSince = new HashMap<>();
    private final RestingKeys keys;
    private @Nullable BrokerTrouble trouble;

    /**
     * The state of the gateway.
     *
     * @param refused the configuration that was refused
     */
    public record Sources(
            AlertCounters counters,
            HealthBook health,
            Breakers breakers,
            Availability availability,
            Cooldowns cooldowns,
            TargetLatencies latencies,
            Drills drills,
            QueueWatch queue,
            RefusedConfiguration refused) {}

    /** The configuration that was refused. Thread-safe. */
    public interface RefusedConfiguration {
        /** When it was refused, epoch milliseconds. */
        long refusedAt();

        /** Its mistakes, one line each; empty if none was refused. */
        List<String> mistakes();
    }

    public Observatory(Config config, Sources sources) {
        this.config = config;
        this.sources = sources;
        this.targets = config.everyTarget();
        for (Chain chain : config.chains().values()) {
            for (Chain.Entry entry : chain.candidates()) {
                chainsOf.computeIfAbsent(entry.target().name(), n -> new ArrayList<>())
                        .add(chain.name());
            }
        }
        for (Target target : targets.values()) {
            namesOf.computeIfAbsent(target.provider().name(), n -> new ArrayList<>())
                    .add(target.name());
            openFor.put(target.name(), config.limits().resolve(null, target).breakerOpenFor());
        }
        keys = new RestingKeys(sources.cooldowns(), this::answers);
    }

    private long answers(Provider provider) {
        long sum = 0;
        for (String name : namesOf.getOrDefault(provider.name(), List.of())) {
            sum += sources.counters().ofTarget(name).answers.sum();
        }
        return sum;
    }

    Observation look(long now) {
        Map<String, TargetView> views = new LinkedHashMap<>();
        targets.values().forEach(target -> views.put(target.name(), view(target, now)));
        return new Observation(
                now,
                views,
                config.chains().values().stream().map(chain -> view(chain, now)).toList(),
                keys.look(config.providers().values(), now),
                sources.counters().unknownErrors(),
                letters(),
                trouble(now),
                new Refusal(sources.refused().refusedAt(), sources.refused().mistakes()),
                config.alerts().firstToken());
    }

    private Letters letters() {
        QueueWatch queue = sources.queue();
        return new Letters(queue.deadLetters(), queue.deadLetterAt(), queue.classes());
    }

    private @Nullable BrokerTrouble trouble(long now) {
        String why = sources.queue().trouble();
        boolean usable = why == null;
        String words = why == null ? sources.queue().warning() : why;
        BrokerTrouble before = trouble;
        long since = before != null && before.usable() == usable ? before.since() : now;
        trouble = words == null ? null : new BrokerTrouble(words, usable, since);
        return trouble;
    }

    /** What is known of a target: for the service in trouble, or else the first that it was asked for. */
    private TargetView view(Target named, long now) {
        TargetView first = null;
        for (Target target : sources.latencies().asked(named)) {
            TargetView view = asked(target, now);
            if (!view.well()) {
                return view;
            }
            first = first == null ? view : first;
        }
        return Objects.requireNonNull(first, "a target has been asked for one service at least");
    }

    private TargetView asked(Target target, long now) {
        AlertCounters.OfTarget counts = sources.counters().ofTarget(target.name());
        Availability.Unavailable obstacle = sources.availability().of(target, now);
        LatestFailure failure = counts.latest;
        boolean drilled = sources.drills().of(target, now) != null
                || (counts.drilledAt > 0 && counts.drilledAt > (failure == null ? 0 : failure.at()));
        HealthReport health = sources.health().of(target);
        Duration opensFor = openFor.getOrDefault(target.name(), Duration.ZERO);
        boolean onTrial = isOnTrial(target, health);
        return new TargetView(
                target,
                chainsOf.getOrDefault(target.name(), List.of()),
                health,
                notClosedSince(target, onTrial, opensFor, now),
                onTrial,
                opensFor,
                obstacle == null ? null : obstacle.type(),
                obstacle == null ? 0 : obstacle.until(),
                failure,
                counts.modelMissing,
                sources.latencies().p95(target, true),
                drilled);
    }

    /** Whether its breaker waits for a call that no caller makes, although the target answers. */
    private boolean isOnTrial(Target target, HealthReport health) {
        boolean answers = health.state() == HealthState.UP || health.state() == HealthState.DEGRADED;
        return answers
                && health.cause() == null
                && sources.breakers().state(target).equals("HALF_OPEN");
    }

    /** A breaker counts as closed, too, once it has waited long for a call that would close it. */
    private @Nullable Long notClosedSince(Target target, boolean onTrial, Duration opensFor, long now) {
        String key = target.key();
        if (onTrial) {
            long since = onTrialSince.computeIfAbsent(key, k -> now);
            if (now - since > 2 * opensFor.toMillis()) {
                notClosedSince.remove(key);
                return null;
            }
        } else {
            onTrialSince.remove(key);
        }
        if (sources.breakers().state(target).equals("CLOSED")) {
            notClosedSince.remove(key);
            return null;
        }
        return notClosedSince.computeIfAbsent(key, k -> now);
    }

    private ChainView view(Chain chain, long now) {
        AlertCounters.OfChain counts = sources.counters().ofChain(chain.name());
        MinuteRing.Sum sum = counts.lately.sum(now);
        return new ChainView(
                chain.name(),
                chain.candidates().stream().map(entry -> entry.target().name()).toList(),
                chain.lastResorts().stream().map(Observatory::step).toList(),
                sum.requests(),
                sum.fallbacks(),
                sum.mostFrequent(),
                sum.shareNow(),
                counts.failedInARow,
                counts.failingSince,
                counts.failedAt);
    }

    private static String step(Chain.LastResort resort) {
        return switch (resort) {
            case Chain.LastResort.Stale stale -> "stale";
            case Chain.LastResort.Static fixed -> "static:" + fixed.name();
        };
    }
}
