package io.bactrian.queue;

import io.bactrian.config.Target;
import io.bactrian.policy.Availability;
import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The targets that requests from the queue may reach, and whether any of them can be called. Thread-safe. */
public final class ServingTargets {
    private static final int NAMED = 3;

    private final List<Target> targets;
    private final Availability availability;
    private final Clock clock;

    /** @param targets the targets of all chains; one that stands in several counts once */
    public ServingTargets(Collection<Target> targets, Availability availability, Clock clock) {
        Map<String, Target> once = new LinkedHashMap<>();
        targets.forEach(target -> once.putIfAbsent(target.key(), target));
        this.targets = List.copyOf(once.values());
        this.availability = availability;
        this.clock = clock;
    }

    /** The best that a target can do. */
    enum Reach {
        /** One is healthy. */
        WELL,
        /** None is known to be healthy, but a trial call of one is due. */
        TRIAL,
        /** None can be called. */
        NONE
    }

    /** The best that one of them can do now. */
    Reach reach() {
        long now = clock.millis();
        Reach best = Reach.NONE;
        for (Target target : targets) {
            if (availability.isWell(target, now)) {
                return Reach.WELL;
            }
            Availability.Unavailable obstacle = availability.of(target, now);
            if (obstacle == null || obstacle.trialAt() <= now) {
                best = Reach.TRIAL;
            }
        }
        return best;
    }

    /** The name of a healthy target; null if there is none. */
    @Nullable
    String well() {
        long now = clock.millis();
        for (Target target : targets) {
            if (availability.isWell(target, now)) {
                return target.name();
            }
        }
        return null;
    }

    /** The obstacles, such as {@code openai/gpt-5 CIRCUIT_OPEN}, for operators. */
    String obstacles() {
        long now = clock.millis();
        StringBuilder words = new StringBuilder();
        targets.stream().limit(NAMED).forEach(target -> {
            Availability.Unavailable obstacle = availability.of(target, now);
            words.append(words.isEmpty() ? "" : ", ")
                    .append(target.name())
                    .append(' ')
                    .append(obstacle == null ? "DOWN" : obstacle.label());
        });
        if (targets.size() > NAMED) {
            words.append(" and ").append(targets.size() - NAMED).append(" more");
        }
        return words.toString();
    }
}
