package io.bactrian.quota;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An amount that is being taken from a quota. Whether there is as much is known at once, or as soon as a store has answered. For one
 * thread.
 */
public final class Taking {
    private @Nullable LongSupplier answer;
    private long wait;

    private Taking(@Nullable LongSupplier answer, long wait) {
        this.answer = answer;
        this.wait = wait;
    }

    /** @param wait 0 if the amount was taken, else the milliseconds until it could be */
    public static Taking known(long wait) {
        return new Taking(null, wait);
    }

    /** @param answer waits for the same */
    public static Taking asked(LongSupplier answer) {
        return new Taking(answer, 0);
    }

    public boolean isKnown() {
        return answer == null;
    }

    /** Waits for the store, for a limited time. Returns 0 if the amount was taken, else the milliseconds until it could be. */
    public long result() {
        LongSupplier pending = answer;
        if (pending != null) {
            wait = pending.getAsLong();
            answer = null;
        }
        return wait;
    }
}
