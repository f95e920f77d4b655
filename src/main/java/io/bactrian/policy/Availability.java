package io.bactrian.policy;

import io.bactrian.config.Target;
import org.jspecify.annotations.Nullable;

/** The availability of targets for calls. */
@FunctionalInterface
public interface Availability {

    /**
     * The obstacle to a call of the target.
     *
     * @param now epoch milliseconds
     * @return null if the target may be called
     */
    @Nullable
    Unavailable of(Target target, long now);

    /** True if the target may be called, but is known to be down, so that others come first. */
    default boolean isDown(Target target) {
        return false;
    }

    /**
     * True if the target may be called and is known to be healthy: its breaker is closed, so that the call is no trial.
     *
     * @param now epoch milliseconds
     */
    default boolean isWell(Target target, long now) {
        return of(target, now) == null;
    }

    /**
     * A target that must not be called until a known time.
     *
     * @param label the value in {@code x-bactrian-skipped}
     * @param type the class of the failure behind it
     * @param until epoch milliseconds
     * @param trialAt the time from which a trial call may be made if no other candidate can be asked, in epoch
     *     milliseconds; the same as {@code until} if there is none before
     * @param by the other node that found the obstacle; null if it was found here
     */
    record Unavailable(
            String label,
            FailureClass type,
            long until,
            long trialAt,
            @Nullable String by) {

        /** A target whose obstacle was found here. */
        public Unavailable(String label, FailureClass type, long until, long trialAt) {
            this(label, type, until, trialAt, null);
        }

        /** A target for which there is no trial call. */
        public Unavailable(String label, FailureClass type, long until) {
            this(label, type, until, until);
        }
    }
}
