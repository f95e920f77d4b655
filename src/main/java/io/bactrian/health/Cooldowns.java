package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What is left alone for a while: targets that are rate limited or gone, keys that are refused or empty. Thread-safe. */
public final class Cooldowns {
    /** How long a refused key or a missing model is left alone, and an empty account the first time. */
    static final Duration REST = Duration.ofMinutes(5);

    private static final Duration MAX_REST = Duration.ofHours(1);

    /** Bounded, because callers may name models of their own. */
    private final Cache<String, Cooling> cooling =
            Caffeine.newBuilder().maximumSize(10_000).build();

    /**
     * Something that cools.
     *
     * @param type what from
     * @param since when it was noted, epoch milliseconds
     * @param until epoch milliseconds
     * @param times how often in a row
     */
    public record Cooling(FailureClass type, long since, long until, int times) {}

    /** What the target cools from, null if it is not cooling. */
    public @Nullable Cooling of(Target target, long now) {
        return idle() ? null : lookUp(target.key(), now);
    }

    /** What the provider's key of this number rests from, null if it is well. */
    public @Nullable Cooling ofKey(Provider provider, int key, long now) {
        return idle() ? null : lookUp(keyName(provider, key), now);
    }

    /** What the provider's key of this number rests from for this target alone, null if it is well. */
    public @Nullable Cooling ofKey(Target target, int key, long now) {
        return idle() ? null : lookUp(name(target, key), now);
    }

    /**
     * Draws the consequences of a failure: the cooling column of the failure table. Rate limits are a key's, for one model:
     * where there are several keys, the others go on.
     */
    public void note(Target target, int key, Failure failure, long backoffMillis, long now) {
        Duration retryAfter = failure.retryAfter();
        switch (failure.type()) {
            case RATE_LIMITED ->
                cool(
                        target.provider().keys().size() > 1 ? name(target, key) : target.key(),
                        failure.type(),
                        now,
                        retryAfter == null ? backoffMillis : retryAfter.toMillis());
            case OVERLOADED -> {
                if (retryAfter != null) {
                    cool(target.key(), failure.type(), now, retryAfter.toMillis());
                }
            }
            case MODEL_UNAVAILABLE -> cool(target.key(), failure.type(), now, REST.toMillis());
            case AUTHENTICATION -> cool(keyName(target.provider(), key), failure.type(), now, REST.toMillis());
            case QUOTA_EXHAUSTED -> restLonger(keyName(target.provider(), key), now);
            default -> {}
        }
    }

    /**
     * Forgets what was known against a target and the key that was used, when a call that began at this time has answered.
     * What has been noted since then still holds: the answer says nothing of it.
     */
    public void clear(Target target, int key, long startedAt) {
        if (!idle()) {
            forget(target.key(), startedAt);
            forget(name(target, key), startedAt);
            forget(keyName(target.provider(), key), startedAt);
        }
    }

    /** Forgets what is known against a target and every key of its provider. */
    public void forget(Target target) {
        cooling.invalidate(target.key());
        for (int key = 0; key < Math.max(1, target.provider().keys().size()); key++) {
            cooling.invalidate(name(target, key));
            cooling.invalidate(keyName(target.provider(), key));
        }
    }

    private void forget(String name, long notedBefore) {
        cooling.asMap().computeIfPresent(name, (n, known) -> known.since() < notedBefore ? null : known);
    }

    private @Nullable Cooling lookUp(String name, long now) {
        Cooling found = cooling.getIfPresent(name);
        return found == null || found.until() <= now ? null : found;
    }

    private void cool(String name, FailureClass type, long now, long millis) {
        Cooling fresh = new Cooling(type, now, now + millis, 1);
        cooling.asMap().merge(name, fresh, (old, f) -> old.until() > f.until() ? old : f);
    }

    /** Calls that were under way together and find the account empty do so once. */
    private void restLonger(String name, long now) {
        cooling.asMap().compute(name, (n, old) -> {
            boolean again = old != null && old.type() == FailureClass.QUOTA_EXHAUSTED;
            if (again && old.until() > now) {
                return old;
            }
            int times = again ? old.times() + 1 : 1;
            long rest = Math.min(REST.toMillis() << Math.min(times - 1, 10), MAX_REST.toMillis());
            return new Cooling(FailureClass.QUOTA_EXHAUSTED, now, now + rest, times);
        });
    }

    private boolean idle() {
        return cooling.estimatedSize() == 0;
    }

    /** A key as it is used for one target. */
    static String name(Target target, int key) {
        return target.key() + "#" + key;
    }

    /** A key that was replaced has nothing to do with what befell the one before. */
    private static String keyName(Provider provider, int key) {
        return provider.identity() + "#" + key;
    }
}
