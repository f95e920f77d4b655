package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.bactrian.config.Target;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What is left of each key's limits for each target, as the providers' answers tell: what is used up is let rest before it is
 * refused. Providers that tell nothing leave nothing here. Thread-safe.
 */
final class RemainingQuotas {
    /** Bounded, because callers may name models of their own. */
    private final Cache<String, Account> accounts =
            Caffeine.newBuilder().maximumSize(10_000).build();

    /** One key's dealings with one target. */
    private static final class Account {
        private final AtomicLong calls = new AtomicLong();
        private volatile Statement last = new Statement(0, 0, List.of());

        /** Answers come in any order: what is said to the later call is the newer truth. */
        synchronized void told(Statement fresh) {
            if (fresh.call >= last.call) {
                last = fresh;
            }
        }
    }

    /**
     * What one answer said.
     *
     * @param call the number of the call that it answered
     * @param startedAt when that was made, epoch milliseconds
     * @param allowances those that may run out
     */
    private record Statement(long call, long startedAt, List<RemainingQuota> allowances) {}

    /** Numbers a call that is about to be made; 0 as long as no answer told anything. */
    long begin(Target target, int key) {
        Account account = find(target, key);
        return account == null ? 0 : account.calls.incrementAndGet();
    }

    /**
     * Takes what an answer says; that to a later call holds.
     *
     * @param call the number of the call that it answers
     * @param startedAt when that was made, epoch milliseconds
     * @param allowances those that may run out, empty if there is plenty of all
     */
    void note(Target target, int key, long call, long startedAt, List<RemainingQuota> allowances) {
        Account known = find(target, key);
        if (known == null && allowances.isEmpty()) {
            return;
        }
        Account account = known != null ? known : accounts.get(Cooldowns.name(target, key), n -> new Account());
        account.told(new Statement(call, startedAt, allowances));
    }

    /** Until when a key is used up for a target, epoch milliseconds; 0 if it is not. */
    long spentUntil(Target target, int key, long now) {
        Account account = find(target, key);
        if (account == null) {
            return 0;
        }
        Statement last = account.last;
        long calls = account.calls.get() - last.call;
        long until = 0;
        for (RemainingQuota quota : last.allowances) {
            if (quota.spent(calls, now - last.startedAt, now)) {
                until = Math.max(until, quota.until());
            }
        }
        return until;
    }

    /** Whether a key has little left for a target. */
    boolean low(Target target, int key, long now) {
        Account account = find(target, key);
        if (account == null) {
            return false;
        }
        Statement last = account.last;
        long calls = account.calls.get() - last.call;
        for (RemainingQuota quota : last.allowances) {
            if (quota.low(calls, now - last.startedAt, now)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Account find(Target target, int key) {
        return accounts.estimatedSize() == 0 ? null : accounts.getIfPresent(Cooldowns.name(target, key));
    }
}
