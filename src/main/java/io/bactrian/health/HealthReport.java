package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.policy.FailureClass;
import org.jspecify.annotations.Nullable;

/**
 * The health of one target, with what is known about it.
 *
 * @param since when the state began, epoch milliseconds; the start of the gateway for {@code UNKNOWN}
 * @param cause the class of the failure behind the state; null if none
 * @param status the HTTP status of that failure; 0 if there was none
 * @param millis how long the last call or probe took; null if there was none
 * @param lastSuccess epoch milliseconds; null if there was none
 * @param evidence what decided the state
 * @param nextProbe when the next probe is due, epoch milliseconds; null if none is
 */
public record HealthReport(
        Target target,
        HealthState state,
        long since,
        @Nullable FailureClass cause,
        int status,
        @Nullable Long millis,
        @Nullable Long lastSuccess,
        Evidence evidence,
        @Nullable Long nextProbe) {

    /** The source of what is known of a state. */
    public enum Evidence {
        NONE,
        TRAFFIC,
        PROBE
    }
}
