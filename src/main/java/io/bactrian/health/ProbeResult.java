package io.bactrian.health;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The result of one probe of a target.
 *
 * @param ofModel whether the model was asked; false if only the list of models was
 * @param failure null if the probe succeeded
 * @param millis how long it took
 * @param promptTokens 0 if unknown
 * @param completionTokens 0 if unknown
 * @param dollars what it cost; 0 if unknown
 */
public record ProbeResult(
        Target target,
        boolean ofModel,
        @Nullable Failure failure,
        long millis,
        long promptTokens,
        long completionTokens,
        double dollars) {

    /** The result of a probe that asked the model. */
    public ProbeResult(
            Target target,
            @Nullable Failure failure,
            long millis,
            long promptTokens,
            long completionTokens,
            double dollars) {
        this(target, true, failure, millis, promptTokens, completionTokens, dollars);
    }
}
