package io.bactrian.health;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Cooldowns.Cooldown;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The keys of each provider, used in turn. Resting keys are skipped: rejected keys and keys out of quota for every
 * target of the provider, rate-limited and used-up ones for one target. Keys with little quota left are spared while
 * others have more. Thread-safe.
 */
public final class KeyPool {
    private final Cooldowns cooldowns;
    private final RemainingQuotas quotas;
    private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();
    private final LongAdder steered = new LongAdder();

    public KeyPool(Cooldowns cooldowns) {
        this(new TargetStores(), cooldowns);
    }

    public KeyPool(TargetStores stores, Cooldowns cooldowns) {
        this.quotas = new RemainingQuotas(stores);
        this.cooldowns = cooldowns;
    }

    /**
     * A key of a provider, taken for one call.
     *
     * @param number the index of the key in the configuration
     * @param secret the key itself; empty for a keyless provider
     * @param call the number of the call with this key to the target, for {@link #noteRemaining}
     */
    public record Key(int number, String secret, long call) {
        @Override
        public String toString() {
            return "Key[" + number + "]";
        }
    }

    /** The next key in turn for a call to the target; null if all keys rest. */
    public @Nullable Key take(Target target, long now) {
        Provider provider = target.provider();
        int count = count(provider);
        int start = count == 1 ? 0 : turn(provider);
        int low = -1;
        boolean spared = false;
        for (int i = 0; i < count; i++) {
            int number = Math.floorMod(start + i, count);
            if (quotas.spentUntil(target, number, now) != 0) {
                spared = true;
            } else if (refused(target, number, now) != null) {
                continue;
            } else if (count > 1 && quotas.low(target, number, now)) {
                spared = true;
                low = low < 0 ? number : low;
            } else {
                return take(target, number, spared);
            }
        }
        return low < 0 ? null : take(target, low, low != start);
    }

    /**
     * A key for a trial call to a target that cools down or all of whose keys rest. The trial is claimed, so that one
     * request at a time makes it. Null if none is due; if the target is back, the next key in turn.
     */
    @Nullable
    Key takeForTrial(Target target, long now) {
        if (cooldowns.of(target, now) != null && !cooldowns.claimTrial(target, now)) {
            return null;
        }
        Key usable = take(target, now);
        for (int i = 0; usable == null && i < count(target.provider()); i++) {
            if (trialAt(target, i, now) <= now && cooldowns.claimTrial(target.provider(), i, now)) {
                usable = take(target, i, false);
            }
        }
        return usable;
    }

    /**
     * A key for a probe: the next in turn, or one whose rest has a cause that may have been removed. Claims no trial. Null if
     * there is none.
     */
    @Nullable
    Key takeForProbe(Target target, long now) {
        Key usable = take(target, now);
        for (int i = 0; usable == null && i < count(target.provider()); i++) {
            Cooldown rest = resting(target, i, now);
            if (rest != null && rest.type().isLasting()) {
                usable = take(target, i, false);
            }
        }
        return usable;
    }

    /** The time from which a key may be used for the target, be it for a trial call, in epoch milliseconds; 0 if now. */
    long trialAt(Target target, long now) {
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < count(target.provider()); i++) {
            earliest = Math.min(earliest, trialAt(target, i, now));
        }
        return earliest;
    }

    private long trialAt(Target target, int number, long now) {
        Cooldown everywhere = cooldowns.ofKey(target.provider(), number, now);
        Cooldown here = cooldowns.ofKey(target, number, now);
        long refused = Math.max(everywhere == null ? 0 : everywhere.trialAt(), here == null ? 0 : here.trialAt());
        return Math.max(refused, quotas.spentUntil(target, number, now));
    }

    private Key take(Target target, int number, boolean instead) {
        if (instead) {
            steered.increment();
        }
        List<String> secrets = target.provider().keys();
        return new Key(number, secrets.isEmpty() ? "" : secrets.get(number), quotas.begin(target, number));
    }

    private int turn(Provider provider) {
        return Math.floorMod(
                turns.computeIfAbsent(provider.name(), n -> new AtomicInteger()).getAndIncrement(), count(provider));
    }

    /**
     * Notes the remaining quota of a key as an answer reported it.
     *
     * @param startedAt the start of the call in epoch milliseconds
     * @param left the quotas that may run out; empty if all are ample
     */
    public void noteRemaining(Target target, Key key, long startedAt, List<RemainingQuota> left) {
        quotas.note(target, key.number(), key.call(), startedAt, left);
    }

    /** True if a key other than this one is usable for the target. */
    public boolean another(Target target, int used, long now) {
        for (int i = 0; i < count(target.provider()); i++) {
            if (i != used && resting(target, i, now) == null) {
                return true;
            }
        }
        return false;
    }

    /** The rest that ends first, if all keys of the provider rest for this target; null if a key is usable. */
    public @Nullable Cooldown resting(Target target, long now) {
        Cooldown earliest = null;
        for (int i = 0; i < count(target.provider()); i++) {
            Cooldown cooling = resting(target, i, now);
            if (cooling == null) {
                return null;
            }
            earliest = earliest == null || cooling.until() < earliest.until() ? cooling : earliest;
        }
        return earliest;
    }

    /**
     * The failure of a key as a failure of the target: while another key is only rate limited, so is the target, until
     * that key returns.
     */
    public Failure forTarget(Target target, Failure failure, long now) {
        boolean ofKey =
                switch (failure.type()) {
                    case RATE_LIMITED, AUTHENTICATION, QUOTA_EXHAUSTED -> count(target.provider()) > 1;
                    default -> false;
                };
        Cooldown earliest = ofKey ? resting(target, now) : null;
        return earliest == null || earliest.type() != FailureClass.RATE_LIMITED
                ? failure
                : failure.limitedFor(Duration.ofMillis(earliest.until() - now));
    }

    /** The number of the provider's keys that rest for this target. */
    public int restingKeys(Target target, long now) {
        int resting = 0;
        for (int i = 0; i < count(target.provider()); i++) {
            resting += resting(target, i, now) == null ? 0 : 1;
        }
        return resting;
    }

    /** The number of the provider's keys that rest for all of its targets: rejected, or out of quota. */
    public int restingKeys(Provider provider, long now) {
        int resting = 0;
        for (int i = 0; i < count(provider); i++) {
            resting += cooldowns.ofKey(provider, i, now) == null ? 0 : 1;
        }
        return resting;
    }

    /** The number of calls with another key than the next in turn, whose quota was low or used up. */
    public long steered() {
        return steered.sum();
    }

    private @Nullable Cooldown resting(Target target, int number, long now) {
        Cooldown refused = refused(target, number, now);
        long spentUntil = quotas.spentUntil(target, number, now);
        return spentUntil == 0 || (refused != null && refused.until() >= spentUntil)
                ? refused
                : new Cooldown(FailureClass.RATE_LIMITED, now, spentUntil, 1);
    }

    /** The cooldown of a key for this target after failed calls, the last one to end; null if there is none. */
    private @Nullable Cooldown refused(Target target, int number, long now) {
        Cooldown everywhere = cooldowns.ofKey(target.provider(), number, now);
        Cooldown here = cooldowns.ofKey(target, number, now);
        return everywhere == null || (here != null && here.until() > everywhere.until()) ? here : everywhere;
    }

    private static int count(Provider provider) {
        return Math.max(1, provider.keys().size());
    }
}
