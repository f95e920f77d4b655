package io.bactrian.quota;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A quota that several nodes share through a store. Beside it stands this node's own quota, which holds what was last known of the
 * shared one: responses tell it without asking the store, and it is what counts while the store is away. Thread-safe.
 */
final class SharedQuota implements Quota {
    private final MinuteQuota own;
    private final Bucket shared;
    private final StoreGuard store;
    private final ReentrantLock filling = new ReentrantLock();

    SharedQuota(MinuteQuota own, Bucket shared, StoreGuard store) {
        this.own = own;
        this.shared = shared;
        this.store = store;
    }

    @Override
    public int perMinute() {
        return own.perMinute();
    }

    @Override
    public long take(long amount) {
        ConsumptionProbe probe = store.ask(() -> shared.tryConsumeAndReturnRemaining(amount));
        if (probe == null) {
            return own.take(amount);
        }
        known(probe.getRemainingTokens());
        return MinuteQuota.millis(probe);
    }

    @Override
    public void settle(long amount) {
        own.settle(amount);
        if (amount > 0) {
            store.ask(() -> shared.consumeIgnoringRateLimits(amount));
        } else if (amount < 0) {
            store.ask(() -> {
                shared.addTokens(-amount);
                return true;
            });
        }
    }

    @Override
    public void refresh() {
        Long left = store.ask(shared::getAvailableTokens);
        if (left != null) {
            known(left);
        }
    }

    private void known(long left) {
        filling.lock();
        try {
            own.fill(left);
        } finally {
            filling.unlock();
        }
    }

    @Override
    public long left() {
        return own.left();
    }

    @Override
    public long fullIn() {
        return own.fullIn();
    }
}
