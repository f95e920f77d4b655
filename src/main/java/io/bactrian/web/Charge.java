package io.bactrian.web;

import io.bactrian.protocol.RequestRejected;
import io.bactrian.quota.Quota;
import io.bactrian.quota.Taking;
import org.jspecify.annotations.Nullable;

/** An amount that is being taken from the budget of a caller. For one thread. */
final class Charge {
    /** The charge of a caller who has no limit. */
    static final Charge NONE = new Charge();

    private final @Nullable Quota quota;
    private final Taking taking;
    private final String kind;
    private final String caller;
    private final int amount;

    private Charge() {
        quota = null;
        taking = Taking.known(0);
        kind = "";
        caller = "";
        amount = 0;
    }

    /**
     * Begins to take it.
     *
     * @param kind of what, for callers
     */
    Charge(CallerBudget budget, Quota quota, String kind, int amount) {
        this.quota = quota;
        this.kind = kind;
        this.caller = budget.caller();
        this.amount = amount;
        this.taking = quota.begin(amount);
    }

    int amount() {
        return amount;
    }

    /** Whether it is known if there is as much. */
    boolean isKnown() {
        return taking.isKnown();
    }

    /**
     * Waits until it is taken.
     *
     * @throws RequestRejected 429 if there is too little left
     */
    void await() {
        long wait = taking.result();
        if (wait > 0 && quota != null) {
            throw RequestRejected.tooFast(
                    kind,
                    "The key '%s' may use %d %s a minute; try again in %d seconds."
                            .formatted(caller, quota.perMinute(), kind, Math.ceilDiv(wait, 1000)),
                    wait);
        }
    }

    /** Gives it back if it is taken. */
    void undo() {
        if (taking.result() == 0 && quota != null) {
            quota.settle(-amount);
        }
    }
}
