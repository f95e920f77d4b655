package io.bactrian.quota;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A quota that several nodes share through a store. Beside it stands this node's own quota, which holds what was last known of the
 * shared one: responses tell it without asking the store, and it is what counts while the store is away. What it has granted
 * meanwhile is taken from the shared one afterwards, as far as there is as much, and what it was given back is given back there.
 * Thread-safe.
 */
final class SharedQuota implements Quota {
    private final MinuteQuota own;
    private final Bucket shared;
    private final StoreGuard store;
    private final ReentrantLock filling = new ReentrantLock();
    /** What the store does not know of yet. A question that had no answer in time may have reached it, so it is not among this. */
    private final AtomicLong untold = new AtomicLong();

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
        boolean asked = store.isUp();
        ConsumptionProbe probe = store.ask(() -> {
            tell();
            return shared.tryConsumeAndReturnRemaining(amount);
        });
        if (probe == null) {
            long wait = own.take(amount);
            if (wait == 0 && !asked) {
                untold.addAndGet(amount);
            }
            return wait;
        }
        known(probe.getRemainingTokens());
        return MinuteQuota.millis(probe);
    }

    @Override
    public void settle(long amount) {
        own.settle(amount);
        if (amount == 0) {
            return;
        }
        boolean asked = store.isUp();
        Boolean told = store.ask(() -> {
            MinuteQuota.settle(shared, amount);
            return true;
        });
        if (told == null && !asked) {
            untold.addAndGet(amount);
        }
    }

    /**
     * Takes from the shared quota what was granted without it, no more than this node's own quota still lacks; or gives back what
     * turned out not to be spent.
     */
    private void tell() {
        if (untold.get() == 0) {
            return;
        }
        long all = untold.getAndSet(0);
        long due = Math.min(all, perMinute() - own.left());
        if (due > 0) {
            shared.tryConsumeAsMuchAsPossible(due);
        } else if (all < 0) {
            shared.addTokens(-all);
        }
    }

    @Override
    public void refresh() {
        Long left = store.ask(() -> {
            tell();
            return shared.getAvailableTokens();
        });
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
