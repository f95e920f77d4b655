package io.bactrian.alert;

import io.bactrian.config.Target;
import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthState;
import io.bactrian.policy.FailureClass;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of the gateway at one moment, as far as the rules look at it. Immutable.
 *
 * @param now epoch milliseconds
 * @param targets by name, every target that a chain or the configuration names
 * @param brokerTrouble what is wrong with the queue's broker; null if nothing, or there is no queue
 * @param firstToken the objective of the 95th percentile of the time to first token; null if there is none
 */
record Observation(
        long now,
        Map<String, TargetView> targets,
        List<ChainView> chains,
        List<KeyView> keys,
        List<UnknownErrors> unknownErrors,
        Letters deadLetters,
        @Nullable BrokerTrouble brokerTrouble,
        Refusal refusal,
        @Nullable Duration firstToken) {

    Observation {
        targets = Map.copyOf(targets);
        chains = List.copyOf(chains);
        keys = List.copyOf(keys);
        unknownErrors = List.copyOf(unknownErrors);
    }

    /**
     * A target.
     *
     * @param chains the names of the chains in which it stands
     * @param notClosedSince since when its breaker has not been closed, epoch milliseconds; null if it is closed
     * @param onTrial true if that breaker only waits for the next call, because a probe or call has passed since it opened
     * @param openFor the configured time for which its breaker opens
     * @param obstacle the class for which it must not be called now; null if it may be called
     * @param backAt when that ends, epoch milliseconds; 0 if it may be called
     * @param failure the latest failure; null if there was none
     * @param modelMissing how many calls in a row said that the model is not there
     * @param p95 of the recent times to first token; null if there are too few
     * @param drilled true if its latest failure was a drill
     */
    record TargetView(
            Target target,
            List<String> chains,
            HealthReport health,
            @Nullable Long notClosedSince,
            boolean onTrial,
            Duration openFor,
            @Nullable FailureClass obstacle,
            long backAt,
            @Nullable LatestFailure failure,
            int modelMissing,
            @Nullable Duration p95,
            boolean drilled) {

        String name() {
            return target.name();
        }

        String provider() {
            return target.provider().name();
        }

        boolean down() {
            return health.state() == HealthState.DOWN;
        }

        /** Whether a call to it can be expected to be answered: it is up or untried. A rate limit is a sign of life. */
        boolean well() {
            return !down()
                    && (notClosedSince == null || onTrial)
                    && (obstacle == null || obstacle == FailureClass.RATE_LIMITED);
        }

        /** The reason why it is not well, for a text. */
        String trouble() {
            LatestFailure last = failure;
            if (health.cause() != null) {
                return AlertWords.failure(health.cause(), health.status());
            }
            if (last != null) {
                return AlertWords.failure(last.type(), last.status());
            }
            return obstacle == null ? "its breaker is open" : obstacle.name();
        }
    }

    /**
     * A failed call.
     *
     * @param status 0 if there was no response
     * @param at epoch milliseconds
     */
    record LatestFailure(FailureClass type, int status, long at) {}

    /**
     * A chain.
     *
     * @param targets the names of its targets, from left to right
     * @param lastResorts the steps that answer when no target can, such as {@code stale}
     * @param requests those that ended within the last ten minutes, drilled and cancelled ones left out
     * @param fallbacks those of them that another candidate than the first one answered
     * @param mostFrequent how most of these fell back; null if there were none
     * @param shareNow the share of fallbacks within the last two minutes
     * @param failedInARow requests that no target could answer since the last one that was answered
     * @param failingSince the end of the first of them, epoch milliseconds; 0 if there is none
     * @param failedAt the end of the last of them, epoch milliseconds; 0 if there is none
     */
    record ChainView(
            String name,
            List<String> targets,
            List<String> lastResorts,
            long requests,
            long fallbacks,
            @Nullable Fallback mostFrequent,
            double shareNow,
            int failedInARow,
            long failingSince,
            long failedAt) {

        ChainView {
            targets = List.copyOf(targets);
            lastResorts = List.copyOf(lastResorts);
        }
    }

    /**
     * A way in which requests fell back.
     *
     * @param to the target or the last resort that answered
     * @param reason a failure class, or why the first candidate was skipped
     */
    record Fallback(String from, String to, String reason) {}

    /**
     * A key of a provider that is refused or out of quota.
     *
     * @param number its place among the provider's keys, from 1
     * @param of how many keys the provider has
     * @param since epoch milliseconds
     * @param resting true if it rests now; false if its rest is over and it has not been tried again
     * @param othersResting how many of the other keys rest as well
     */
    record KeyView(
            String provider, int number, int of, FailureClass type, long since, boolean resting, int othersResting) {}

    /**
     * The last error of a provider that no rule knows.
     *
     * @param code the provider's word for it, if it is one word; null otherwise
     * @param at epoch milliseconds
     */
    record UnknownErrors(
            String provider, int status, @Nullable String code, long at) {}

    /**
     * The dead letters.
     *
     * @param count how many there have been
     * @param grewAt when the last one was written, epoch milliseconds; 0 if there was none
     * @param classes the failure classes of them, in words
     */
    record Letters(long count, long grewAt, String classes) {
        static final Letters NONE = new Letters(0, 0, "");
    }

    /**
     * The trouble with the queue's broker.
     *
     * @param why in words, without a full stop
     * @param usable whether requests are taken from the queue all the same
     * @param since when it was first seen, epoch milliseconds
     */
    record BrokerTrouble(String why, boolean usable, long since) {}

    /**
     * The configuration that was refused.
     *
     * @param at epoch milliseconds; 0 if none is
     * @param mistakes one line each
     */
    record Refusal(long at, List<String> mistakes) {
        static final Refusal NONE = new Refusal(0, List.of());

        Refusal {
            mistakes = List.copyOf(mistakes);
        }
    }

    /** A target by its name; null if it is unknown. */
    @Nullable
    TargetView target(String name) {
        return targets.get(name);
    }

    /** Whether the subject of an alert is configured. */
    boolean knows(AlertKind kind, String subject) {
        return switch (kind) {
            case TARGET_DOWN, BREAKER_OPEN, TARGET_SLOW -> targets.containsKey(subject);
            case CHAIN_DOWN, LAST_TARGET, FALLBACK_SHARE ->
                chains.stream().anyMatch(chain -> chain.name().equals(subject));
            case PROVIDER_DOWN ->
                targets.values().stream().anyMatch(target -> target.provider().equals(subject));
            case KEY_REFUSED,
                    MODEL_GONE,
                    UNCLASSIFIED_ERRORS,
                    DEAD_LETTERS,
                    QUEUE_UNUSABLE,
                    QUEUE_WARNING,
                    CONFIGURATION_REFUSED -> true;
        };
    }

    /** The targets of a chain that can be expected to answer. */
    List<TargetView> well(ChainView chain) {
        return chain.targets().stream()
                .map(targets::get)
                .filter(view -> view != null && view.well())
                .toList();
    }

    /** The target that answers in place of another one: the next in its first chain that is well; null if none is. */
    @Nullable
    TargetView standIn(TargetView away) {
        for (ChainView chain : chains) {
            if (chain.targets().contains(away.name())) {
                return well(chain).stream()
                        .filter(view -> !view.name().equals(away.name()))
                        .findFirst()
                        .orElse(null);
            }
        }
        return null;
    }

    /** The sentence about what the gateway does in the place of a target. */
    String instead(TargetView away) {
        TargetView other = standIn(away);
        if (other != null) {
            return other.name() + " answers in its place.";
        }
        return away.chains().isEmpty()
                ? "No chain uses it."
                : "No other target of chain " + away.chains().getFirst() + " can answer.";
    }
}
