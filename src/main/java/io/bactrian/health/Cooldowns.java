package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Provider;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Targets and keys that must not be called until a known time: rate-limited and missing targets, rejected keys and keys
 * out of quota. Thread-safe.
 */
public final class Cooldowns {
    /** The cooldown of a rejected key or a missing model, and the first one of an account out of quota. */
    static final Duration KEY_OR_MODEL_REST = Duration.ofMinutes(5);

    private static final Duration MAX_REST = Duration.ofHours(1);
    private static final int FORBIDDEN = 403;
    /** What two nodes may be apart in telling of the same end. */
    private static final long SAME_MILLIS = 1_000;

    /** The time between two trial calls to a target or with a key during a lasting cooldown. */
    static final Duration TRIAL_INTERVAL = Duration.ofSeconds(10);

    private final Cache<String, Cooldown> cooling;

    /**
     * A cooldown.
     *
     * @param type the class of the failure that caused it
     * @param since the time at which it was noted, in epoch milliseconds
     * @param until epoch milliseconds
     * @param times the number of such cooldowns in a row
     * @param trialAt the time from which one trial call may be made, in epoch milliseconds; the same as {@code until} if
     *     there is none before
     * @param by the other node that told of it; null if it was noted here
     */
    public record Cooldown(
            FailureClass type,
            long since,
            long until,
            int times,
            long trialAt,
            @Nullable String by) {

        /** A cooldown before its first trial call. The length of a lasting one is only a guess, so it has trial calls. */
        Cooldown(FailureClass type, long since, long until, int times) {
            this(type, since, until, times, type.isLasting() ? nextTrial(since, until) : until, null);
        }

        private static long nextTrial(long last, long until) {
            return Math.min(until, last + TRIAL_INTERVAL.toMillis());
        }

        private Cooldown toldBy(String node) {
            return new Cooldown(type, since, until, times, trialAt, node);
        }

        private Cooldown triedAt(long now) {
            return new Cooldown(type, since, until, times, nextTrial(now, until), by);
        }
    }

    private final Runnable changed;
    private final CallerRests ofCallers = new CallerRests();

    public Cooldowns() {
        this(new TargetStores(), () -> {});
    }

    /** @param changed called after each cooldown that begins, or ends before its time; it must return at once */
    public Cooldowns(TargetStores stores, Runnable changed) {
        this.cooling = stores.store();
        this.changed = changed;
    }

    /** What rests for single callers alone. */
    public CallerRests ofCallers() {
        return ofCallers;
    }

    /** The cooldown of the target itself; null if there is none. */
    public @Nullable Cooldown of(Target target, long now) {
        return idle() ? null : lookUp(target.key(), now);
    }

    /**
     * The cooldown of a provider's key for all its targets; null if there is none.
     *
     * @param key the index of the key in the configuration
     * @param now epoch milliseconds
     */
    public @Nullable Cooldown ofKey(Provider provider, int key, long now) {
        return idle() ? null : lookUp(keyName(provider, key), now);
    }

    /**
     * The cooldown of a provider's key for this target alone; null if there is none.
     *
     * @param key the index of the key in the configuration
     * @param now epoch milliseconds
     */
    public @Nullable Cooldown ofKey(Target target, int key, long now) {
        return idle() ? null : lookUp(name(target, key), now);
    }

    /**
     * Notes a failure, as in the column "cooldown" of the failure classes in {@code docs/reference.md}. A rate limit belongs to a key and a model: if
     * there are several keys, the others stay in use.
     *
     * @param key the index of the key in the configuration
     * @param backoffMillis the cooldown after a rate limit for which the provider named no wait
     * @param now epoch milliseconds
     */
    public void note(Target target, int key, Failure failure, long backoffMillis, long now) {
        if (failure.concern() == Failure.Concern.REQUEST) {
            return;
        }
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
            case MODEL_UNAVAILABLE -> cool(target.key(), failure.type(), now, KEY_OR_MODEL_REST.toMillis());
            case AUTHENTICATION ->
                cool(refused(target, key, failure), failure.type(), now, KEY_OR_MODEL_REST.toMillis());
            case QUOTA_EXHAUSTED -> restLonger(keyName(target.provider(), key), now);
            default -> {}
        }
    }

    /** What a refusal concerns: the key, unless it may not ask this model alone, or not for this service. */
    private static String refused(Target target, int key, Failure failure) {
        boolean ofService = failure.status() == FORBIDDEN && target.service() != Service.CHAT;
        return ofService || failure.concern() == Failure.Concern.MODEL
                ? name(target, key)
                : keyName(target.provider(), key);
    }

    /**
     * Claims the trial call to a target that is due, so that no other request makes it; false if none is due.
     *
     * @param now epoch milliseconds
     */
    boolean claimTrial(Target target, long now) {
        return claimTrial(target.key(), now);
    }

    /** The same for a key. */
    boolean claimTrial(Provider provider, int key, long now) {
        return claimTrial(keyName(provider, key), now);
    }

    private boolean claimTrial(String name, long now) {
        AtomicBoolean claimed = new AtomicBoolean();
        cooling.asMap().computeIfPresent(name, (n, found) -> {
            claimed.set(found.trialAt() <= now && found.until() > now);
            return claimed.get() ? found.triedAt(now) : found;
        });
        return claimed.get();
    }

    /**
     * Ends the cooldowns of a target and of the key that was used, after a successful call. Cooldowns noted since the
     * start of the call stay, because its success says nothing about them.
     *
     * @param startedAt the start of the call in epoch milliseconds
     */
    public void clear(Target target, int key, long startedAt) {
        if (!idle()) {
            forget(target.key(), startedAt);
            forget(name(target, key), startedAt);
            forget(keyName(target.provider(), key), startedAt);
        }
    }

    /** The same for those cooldowns only whose cause lasts until it is removed. */
    void clear(Target target, int key, long startedAt, Predicate<FailureClass> which) {
        for (String name : List.of(target.key(), name(target, key), keyName(target.provider(), key))) {
            cooling.asMap()
                    .computeIfPresent(
                            name, (n, found) -> which.test(found.type()) && found.since() < startedAt ? null : found);
        }
        changed.run();
    }

    /**
     * Notes the cooldown of a target that began at another node.
     *
     * @param node the name of the other node
     * @param until epoch milliseconds; one hour from now at most
     */
    public void hold(Target target, FailureClass type, String node, long now, long until) {
        Cooldown told = new Cooldown(type, now, Math.min(until, now + MAX_REST.toMillis()), 1).toldBy(node);
        cooling.asMap()
                .merge(target.key(), told, (old, fresh) -> old.until() + SAME_MILLIS >= fresh.until() ? old : fresh);
    }

    /** Ends the cooldown of a target that another node told of, because it has ended there. */
    public void release(Target target, String node) {
        cooling.asMap().computeIfPresent(target.key(), (n, found) -> node.equals(found.by()) ? null : found);
    }

    /** Ends the cooldowns of a target and of every key of its provider. */
    public void forget(Target target) {
        ofCallers.forget(target);
        cooling.invalidate(target.key());
        for (int key = 0; key < Math.max(1, target.provider().keys().size()); key++) {
            cooling.invalidate(name(target, key));
            cooling.invalidate(keyName(target.provider(), key));
        }
        changed.run();
    }

    private void forget(String name, long notedBefore) {
        if (cooling.asMap().containsKey(name)) {
            cooling.asMap().computeIfPresent(name, (n, found) -> found.since() < notedBefore ? null : found);
            changed.run();
        }
    }

    private @Nullable Cooldown lookUp(String name, long now) {
        Cooldown found = cooling.getIfPresent(name);
        return found == null || found.until() <= now ? null : found;
    }

    private void cool(String name, FailureClass type, long now, long millis) {
        Cooldown fresh = new Cooldown(type, now, now + Math.min(millis, MAX_REST.toMillis()), 1);
        cooling.asMap().merge(name, fresh, (old, f) -> old.until() > f.until() ? old : f);
        changed.run();
    }

    /** Doubles the cooldown of an account that is still out of quota; calls that were in flight together count once. */
    private void restLonger(String name, long now) {
        cooling.asMap().compute(name, (n, old) -> {
            boolean again = old != null && old.type() == FailureClass.QUOTA_EXHAUSTED;
            if (again && old.until() > now) {
                return old;
            }
            int times = again ? old.times() + 1 : 1;
            long rest = Math.min(KEY_OR_MODEL_REST.toMillis() << Math.min(times - 1, 10), MAX_REST.toMillis());
            return new Cooldown(FailureClass.QUOTA_EXHAUSTED, now, now + rest, times);
        });
        changed.run();
    }

    private boolean idle() {
        return cooling.estimatedSize() == 0;
    }

    /** The name of a key for one target. */
    static String name(Target target, int key) {
        return target.key() + "#" + key;
    }

    /** The name of a key for all targets; a replaced key does not inherit the cooldown of its predecessor. */
    static String keyName(Provider provider, int key) {
        return provider.identity() + "#" + key;
    }
}
