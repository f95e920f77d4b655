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
 * The claims of requests on measuring a target of unknown latency: one request at a time for each target, until it has
 * a result or its claim expires. Thread-safe.
 */
final class ProbeClaims {
    /** A call without a result after this time no longer keeps others from measuring. */
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
     * The claim of one request.
     *
     * @param until epoch milliseconds
     * @param samples the number of samples when the claim was made; the next sample settles it
     */
    private record Claim(long until, int samples) {}

    /**
     * Claims a step for a request that could measure it; false if it could not, or if another request holds the claim.
     */
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
