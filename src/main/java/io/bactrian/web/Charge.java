package io.bactrian.web;

import io.bactrian.protocol.RequestRejected;
import io.bactrian.quota.Quota;
import io.bactrian.quota.Taking;
import org.jspecify.annotations.Nullable;

/** An amount that is being taken from the budget of a caller. For one thread. */
final class Charge {
    /** The charge of a caller who has no limit. */
    static final Charge NONE = new Charge(null, Taking.known(0), "", "", 0);

    private final @Nullable Quota quota;
    private final Taking taking;
    private final String kind;
    private final String caller;
    private final int amount;

    private Charge(@Nullable Quota quota, Taking taking, String kind, String caller, int amount) {
        this.quota = quota;
        this.taking = taking;
        this.kind = kind;
        this.caller = caller;
        this.amount = amount;
    }

    /**
     * Begins to take an amount.
     *
     * @param kind of what, for callers
     */
    static Charge begin(String caller, Quota quota, String kind, int amount) {
        return new Charge(quota, quota.begin(amount), kind, caller, amount);
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
