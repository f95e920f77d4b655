package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The targets that rest for one caller alone: its requests failed there, which they may have brought about themselves. Once a
 * second caller's request has failed in the same way, the target or key rests for all. Thread-safe.
 */
public final class CallerRests {
    /** Bounded, because callers may name models of their own. */
    private static final int MAX = 10_000;

    private static final int PAYMENT_REQUIRED = 402;

    /** How long a failure of one caller is remembered for that of a second one. */
    private static final Duration REMEMBERED = Duration.ofHours(1);

    private final Cache<String, Row> rows =
            Caffeine.newBuilder().maximumSize(MAX).expireAfterAccess(REMEMBERED).build();
    private final Cache<String, Witnesses> shown =
            Caffeine.newBuilder().maximumSize(MAX).expireAfterWrite(REMEMBERED).build();

    /**
     * One caller's failures at one target.
     *
     * @param inRow counted ones in a row
     * @param type the class of the failure for which the target rests
     * @param until the end of the rest, in epoch milliseconds; 0 if there is none
     * @param pause the milliseconds between two trials after a rest; 0 if all requests may ask then
     */
    private record Row(int inRow, FailureClass type, long until, long pause) {
        Unavailable away(long now) {
            return new Unavailable(type == FailureClass.CIRCUIT_OPEN ? "CIRCUIT_OPEN" : "COOLING", type, until, now);
        }
    }

    /**
     * Notes a failure of a caller's request.
     *
     * @param learner the name of the caller's key; empty if what it shows holds for all
     * @param counted whether the breaker counts it
     * @return true if it concerns all callers, false if so far only this one
     */
    boolean failed(Target target, Limits limits, String learner, Failure failure, boolean counted, long now) {
        if (learner.isEmpty()) {
            return true;
        }
        if (counted) {
            rows.asMap().compute(name(target, learner), (name, row) -> {
                int inRow = row == null ? 1 : row.inRow() + 1;
                boolean rests = inRow >= limits.breakerFailures();
                long pause = limits.breakerOpenFor().toMillis();
                long until = rests ? now + pause : row == null ? 0 : row.until();
                return new Row(inRow, FailureClass.CIRCUIT_OPEN, until, rests ? pause : 0);
            });
            return others(target.key(), learner);
        }
        if (!failure.type().isLasting() || failure.concern() == Failure.Concern.REQUEST || isSure(failure)) {
            return true;
        }
        if (others(target.key() + '\n' + failure.type(), learner)) {
            return true;
        }
        long until = now + Cooldowns.KEY_OR_MODEL_REST.toMillis();
        rows.asMap()
                .merge(
                        name(target, learner),
                        new Row(0, failure.type(), until, 0),
                        (row, rest) -> row.until() > until ? row : new Row(row.inRow(), rest.type(), until, 0));
        return false;
    }

    /** A failure that says by its status or code that key or account are at fault, whatever the request. */
    private static boolean isSure(Failure failure) {
        return failure.concern() == Failure.Concern.USUAL
                && switch (failure.type()) {
                    case AUTHENTICATION -> true;
                    case QUOTA_EXHAUSTED ->
                        failure.status() != PAYMENT_REQUIRED || says(failure, "quota", "billing", "credit", "balance");
                    case MODEL_UNAVAILABLE -> says(failure, "model_", "deployment");
                    default -> false;
                };
    }

    private static boolean says(Failure failure, String... words) {
        String names = (failure.code() + " " + failure.errorType()).toLowerCase(Locale.ROOT);
        return Arrays.stream(words).anyMatch(names::contains);
    }

    /** True if another caller has shown the same. */
    private boolean others(String what, String learner) {
        return shown.get(what, w -> new Witnesses()).add(learner);
    }

    /** Notes that a request of a caller was answered. On the path of every request. */
    void succeeded(Target target, String learner) {
        if (!learner.isEmpty() && !isEmpty()) {
            rows.invalidate(name(target, learner));
        }
        if (shown.estimatedSize() > 0) {
            Witnesses known = shown.getIfPresent(target.key());
            if (known != null) {
                known.forget();
            }
        }
    }

    /** Ends the rests of a target, because an operator says that it is well. */
    public void forget(Target target) {
        String suffix = '\n' + target.key();
        rows.asMap().keySet().removeIf(name -> name.endsWith(suffix));
        shown.asMap().keySet().removeIf(name -> name.equals(target.key()) || name.startsWith(target.key() + '\n'));
    }

    /** True if nothing rests for a single caller. On the path of every request. */
    public boolean isEmpty() {
        return rows.estimatedSize() == 0;
    }

    /**
     * The rest of a target for one caller; null if there is none. After a rest for failures in a row, one request at a time shows
     * whether the target is back, as with a breaker: a target that hangs would keep all of them otherwise.
     *
     * @param learner as for {@link #failed}
     * @param first whether the request would ask the target before any other
     * @param now epoch milliseconds
     */
    public @Nullable Unavailable of(Target target, String learner, boolean first, long now) {
        if (learner.isEmpty() || isEmpty()) {
            return null;
        }
        String name = name(target, learner);
        Row row = rows.getIfPresent(name);
        if (row == null) {
            return null;
        }
        if (row.until() > now) {
            return row.away(now);
        }
        if (!first || row.pause() == 0) {
            return null;
        }
        Row trial = new Row(row.inRow(), row.type(), now + row.pause(), row.pause());
        return rows.asMap().replace(name, row, trial) ? null : trial.away(now);
    }

    private static String name(Target target, String learner) {
        return learner + '\n' + target.key();
    }
}
