package io.bactrian.health;

import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Target;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The remaining quotas of each key for each target, as the answers of providers report them, so that a used-up key
 * rests before it is rejected. Providers without such reports have no entry. Thread-safe.
 */
final class RemainingQuotas {
    private final Cache<String, Account> accounts;

    RemainingQuotas(TargetStores stores) {
        this.accounts = stores.store();
    }

    /** The calls and the last report of one key for one target. */
    private static final class Account {
        private final AtomicLong calls = new AtomicLong();
        private volatile Report last = new Report(0, 0, List.of());

        /** Answers arrive in any order: the report to the later call is the newer one. */
        synchronized void update(Report fresh) {
            if (fresh.call >= last.call) {
                last = fresh;
            }
        }
    }

    /**
     * The quotas that one answer reported.
     *
     * @param call the number of the call that it answered
     * @param startedAt the start of that call in epoch milliseconds
     * @param quotas the quotas that may run out
     */
    private record Report(long call, long startedAt, List<RemainingQuota> quotas) {}

    /** Numbers a call that is about to be made; 0 as long as no answer has reported a quota. */
    long begin(Target target, int key) {
        Account account = find(target, key);
        return account == null ? 0 : account.calls.incrementAndGet();
    }

    /**
     * Notes the report of an answer; the report to the latest call holds.
     *
     * @param call the number of the call that it answers
     * @param startedAt the start of that call in epoch milliseconds
     * @param quotas the quotas that may run out; empty if all are ample
     */
    void note(Target target, int key, long call, long startedAt, List<RemainingQuota> quotas) {
        Account existing = find(target, key);
        if (existing == null && quotas.isEmpty()) {
            return;
        }
        Account account = existing != null ? existing : accounts.get(Cooldowns.name(target, key), n -> new Account());
        account.update(new Report(call, startedAt, quotas));
    }

    /** The time until which a key is used up for a target, in epoch milliseconds; 0 if it is not. */
    long spentUntil(Target target, int key, long now) {
        Account account = find(target, key);
        if (account == null) {
            return 0;
        }
        Report last = account.last;
        long calls = account.calls.get() - last.call;
        long until = 0;
        for (RemainingQuota quota : last.quotas) {
            if (quota.spent(calls, now - last.startedAt, now)) {
                until = Math.max(until, quota.until());
            }
        }
        return until;
    }

    /** True if a key has little quota left for a target. */
    boolean low(Target target, int key, long now) {
        Account account = find(target, key);
        if (account == null) {
            return false;
        }
        Report last = account.last;
        long calls = account.calls.get() - last.call;
        for (RemainingQuota quota : last.quotas) {
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
