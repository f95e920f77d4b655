package io.bactrian.policy;

import io.bactrian.config.Target;
import org.jspecify.annotations.Nullable;

/** Tells whether a target may be called now. */
@FunctionalInterface
public interface Availability {

    /**
     * What keeps the target from being called.
     *
     * @param now epoch milliseconds
     * @return null if it may be called
     */
    @Nullable
    Unavailable of(Target target, long now);

    /**
     * Whether the target may be called and there is no doubt about its health: its breaker is closed, and this would be no trial.
     *
     * @param now epoch milliseconds
     */
    default boolean isWell(Target target, long now) {
        return of(target, now) == null;
    }

    /**
     * A target that is not to be called for a while.
     *
     * @param label as in {@code x-bactrian-skipped}
     * @param type what it is cooling from
     * @param until epoch milliseconds
     */
    record Unavailable(String label, FailureClass type, long until) {}
}
