package io.bactrian.policy;

import io.bactrian.config.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The state of three providers over a day: outages, rate limits and slow phases at random, the same for the same seed. */
final class SimulatedDay {
    static final long DAY = Duration.ofHours(24).toMillis();

    private final Map<String, List<Phase>> phases = new HashMap<>();
    private final Random random;

    /** The trouble that a provider causes in a phase. */
    enum Trouble {
        /** Refuses connections. */
        OUTAGE,
        /** Accepts the request and sends nothing. */
        SILENT,
        /** 500. */
        ERRORS,
        /** 429 with the time until the phase ends, a minute at most. */
        LIMITED,
        /** Answers, but after seconds. */
        SLOW
    }

    record Phase(Trouble trouble, long from, long to) {}

    /**
     * The outcome of one call.
     *
     * @param firstToken milliseconds to the first token; of a failure, to the failure
     * @param whole milliseconds to the whole answer
     * @param failure null for an answer
     */
    record Outcome(long firstToken, long whole, @Nullable Failure failure) {}

    SimulatedDay(long seed, String... targets) {
        random = new Random(seed);
        for (String target : targets) {
            List<Phase> own = new ArrayList<>();
            long at = minutes(5, 60);
            while (at < DAY) {
                Trouble trouble = Trouble.values()[random.nextInt(Trouble.values().length)];
                long end = at + minutes(1, trouble == Trouble.LIMITED ? 10 : 40);
                own.add(new Phase(trouble, at, end));
                at = end + minutes(5, 90);
            }
            phases.put(target, own);
        }
    }

    private long minutes(int from, int to) {
        return Duration.ofSeconds(from * 60L + random.nextInt((to - from) * 60)).toMillis();
    }

    private @Nullable Phase at(String target, long now) {
        for (Phase phase : phases.getOrDefault(target, List.of())) {
            if (phase.from() <= now && now < phase.to()) {
                return phase;
            }
        }
        return null;
    }

    /** True if a call at any time in between gets an answer, even a slow one. */
    boolean isUp(String target, long from, long to) {
        return phases.getOrDefault(target, List.of()).stream()
                .filter(phase -> phase.trouble() != Trouble.SLOW)
                .noneMatch(phase -> phase.from() < to && from < phase.to());
    }

    /** Asks a target. */
    Outcome call(Target target, long now) {
        Phase phase = at(target.name(), now);
        if (phase == null) {
            long first = 100 + random.nextInt(400);
            return new Outcome(first, first + 500 + random.nextInt(3_000), null);
        }
        return switch (phase.trouble()) {
            case OUTAGE -> failed(5, Failure.of(FailureClass.NETWORK, "refused"));
            case SILENT -> new Outcome(Long.MAX_VALUE, Long.MAX_VALUE, null);
            case ERRORS -> failed(50, Failure.of(FailureClass.SERVER_ERROR, 500, "error"));
            case LIMITED -> {
                Duration after = Duration.ofMillis(Math.min(60_000, phase.to() - now));
                yield failed(30, new Failure(FailureClass.RATE_LIMITED, 429, after, null, null, null, null, "limit"));
            }
            case SLOW -> {
                long first = 2_000 + random.nextInt(4_000);
                yield new Outcome(first, first + 5_000 + random.nextInt(10_000), null);
            }
        };
    }

    private static Outcome failed(long after, Failure failure) {
        return new Outcome(after, after, failure);
    }
}
