package io.bactrian.selection;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Step;
import io.bactrian.config.Target;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Who is about to learn how quick a target is: one request at a time, until it has an answer or is given up. Thread-safe.
 */
final class ProbeClaims {
    /** A call that has not said anything by then does not keep others from trying. */
    static final long EXPIRY_MILLIS = Duration.ofSeconds(10).toMillis();

    private final TargetLatencies latencies;
    private final Availability availability;
    private final Cache<Subject, Claim> claims =
            Caffeine.newBuilder().maximumSize(10_000).build();

    ProbeClaims(TargetLatencies latencies, Availability availability) {
        this.latencies = latencies;
        this.availability = availability;
    }

    private record Subject(String target, boolean stream) {}

    /**
     * One request's claim.
     *
     * @param until epoch milliseconds
     * @param samples how many there were when it was made: with the next one it is settled
     */
    private record Claim(long until, int samples) {}

    /** Takes a step for a request that could learn something there; false if it could not, or another is about to. */
    boolean take(Step step, Predicate<Entry> streams, Predicate<Entry> able, long now) {
        for (Entry entry : step.candidates()) {
            Target target = entry.target();
            if (able.test(entry) && availability.of(target, now) == null) {
                return take(target, streams.test(entry), now);
            }
        }
        return false;
    }

    private boolean take(Target target, boolean stream, long now) {
        Subject subject = new Subject(target.key(), stream);
        int samples = latencies.samples(target, stream);
        Claim held = claims.getIfPresent(subject);
        Claim mine = new Claim(now + EXPIRY_MILLIS, samples);
        if (held == null) {
            return claims.asMap().putIfAbsent(subject, mine) == null;
        }
        boolean over = held.until <= now || held.samples != samples;
        return over && claims.asMap().replace(subject, held, mine);
    }
}
