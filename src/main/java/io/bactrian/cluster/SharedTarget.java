package io.bactrian.cluster;

import io.bactrian.policy.FailureClass;
import org.jspecify.annotations.Nullable;

/**
 * The breaker and the cooldown of one target, as one node tells of them. Immutable.
 *
 * @param name provider, model and service, the same at every node
 * @param endpoint a digest of the address of its provider: a target of this name elsewhere may be another one
 * @param breaker the state of its breaker
 * @param openUntil the end of the open time in epoch milliseconds; 0 if it is not open
 * @param by the other node for whose sake the breaker is open; null if calls of this node have failed
 * @param byHand whether an operator has opened the breaker
 * @param cooling the cause of its cooldown; null if there is none
 * @param coolingUntil the end of the cooldown in epoch milliseconds; 0 if there is none
 */
record SharedTarget(
        String name,
        String endpoint,
        Breaker breaker,
        long openUntil,
        @Nullable String by,
        boolean byHand,
        @Nullable FailureClass cooling,
        long coolingUntil) {

    /** The state of a breaker. */
    enum Breaker {
        CLOSED,
        OPEN,
        HALF_OPEN
    }

    /** True if there is nothing to tell of it. */
    boolean isPlain() {
        return breaker == Breaker.CLOSED && cooling == null;
    }

    /** The target when nothing hinders calls any longer. */
    SharedTarget well() {
        return new SharedTarget(name, endpoint, Breaker.CLOSED, 0, null, false, null, 0);
    }
}
