package io.bactrian.cluster;

import io.bactrian.policy.FailureClass;

/** A consequence, for one target here, of the report of another node. Immutable. */
sealed interface Effect {
    /** The shared name of the target. */
    String target();

    /** The endpoint that the other node means. */
    String endpoint();

    /**
     * The breaker is kept open.
     *
     * @param until epoch milliseconds
     */
    record Hold(String target, String endpoint, String node, long until, boolean byHand) implements Effect {}

    /** The other node has reached the target: its breaker closes, or lets a trial call through. */
    record Release(String target, String endpoint) implements Effect {}

    /**
     * The target cools down.
     *
     * @param until epoch milliseconds
     */
    record Cool(String target, String endpoint, String node, FailureClass type, long until) implements Effect {}

    /** The cooldown that the other node told of has ended. */
    record Warm(String target, String endpoint, String node) implements Effect {}
}
