package io.bactrian.quota;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A quota that several nodes share through a store. Beside it stands this node's own quota, which holds what was last known of the
 * shared one: responses tell it without asking the store, it grants small amounts while there is plenty, and it is what counts while
 * the store is away. What it has granted is taken from the shared one right afterwards, or when the store is back, as far as there is
 * as much, and what it was given back is given back there. Thread-safe.
 */
final class SharedQuota implements Quota {
    /** A node grants at most this part of the quota before the store knows of it. */
    private static final int SMALL = 100;
    /** This part of the quota is plenty. */
    private static final int PLENTY = 10;
    /** How old what is known of the quota may be for such a grant, in milliseconds. */
    private static final int FRESH = 1_000;
    /** How long such grants are collected before the store is told, in nanoseconds. */
    private static final long COLLECTING = 5_000_000;

    private final MinuteQuota own;
    private final Bucket shared;
    private final StoreGuard store;
    private final ReentrantLock filling = new ReentrantLock();
    /** What was granted while the store was away. A question that had no answer in time may have reached it, so it is not among this. */
    private final AtomicLong untold = new AtomicLong();
    /** What was granted ahead of the store, until it has answered that it knows. */
    private final AtomicLong ahead = new AtomicLong();

    private final AtomicBoolean telling = new AtomicBoolean();

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
    public Taking begin(long amount) {
        if (grantAhead(amount)) {
            own.settle(amount);
            tellSoon();
            return Taking.known(0);
        }
        boolean asked = store.isUp();
        boolean refused = own.left() < amount;
        StoreGuard.Question<ConsumptionProbe> question = store.begin(() -> {
            tell();
            ConsumptionProbe probe = shared.tryConsumeAndReturnRemaining(amount);
            known(probe.getRemainingTokens());
            return probe;
        });
        Taking taking = Taking.asked(() -> taken(amount, asked, question.answer()));
        if (refused) {
            // Most probably it still is, and then there is no need to read what the request says.
            taking.result();
        }
        return taking;
    }

    private long taken(long amount, boolean asked, @Nullable ConsumptionProbe probe) {
        if (probe == null) {
            long wait = own.take(amount);
            if (wait == 0 && !asked) {
                untold.addAndGet(amount);
            }
            return wait;
        }
        return MinuteQuota.millis(probe);
    }

    /** Notes a small amount as granted if there is plenty; false if the store has to be asked. */
    private boolean grantAhead(long amount) {
        if (own.left() - amount < perMinute() / PLENTY || !own.wasFilledWithin(FRESH) || !store.isUp()) {
            return false;
        }
        long before = ahead.getAndUpdate(sum -> fits(sum, amount) ? sum + amount : sum);
        return fits(before, amount);
    }

    private boolean fits(long granted, long amount) {
        return granted + amount <= perMinute() / SMALL;
    }

    /** Tells the store of what was granted ahead of it, while the requests go on. */
    private void tellSoon() {
        if (!telling.getAndSet(true)) {
            Thread.ofVirtual().name("shared-limits-tell").start(() -> {
                boolean told;
                do {
                    try {
                        told = tellGrants();
                    } finally {
                        telling.set(false);
                    }
                } while (told && ahead.get() > 0 && !telling.getAndSet(true));
            });
        }
    }

    private boolean tellGrants() {
        LockSupport.parkNanos(COLLECTING);
        long granted = ahead.get();
        Long left;
        try {
            left = store.ask(() -> {
                tell();
                ConsumptionProbe probe = shared.tryConsumeAndReturnRemaining(granted);
                if (probe.isConsumed()) {
                    return probe.getRemainingTokens();
                }
                shared.consumeIgnoringRateLimits(granted);
                return probe.getRemainingTokens() - granted;
            });
        } finally {
            ahead.addAndGet(-granted);
        }
        if (left != null) {
            known(left);
        }
        return left != null;
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
            own.fill(left - ahead.get());
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
