package io.bactrian.protocol;

import io.bactrian.policy.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The record of one call to a provider that has ended. Immutable.
 *
 * @param target the name of the target that was called
 * @param outcome the failure class as headers name it; {@code OK} for the call that answered
 * @param failure null for the call that answered
 * @param status the HTTP status of the response, 0 if none came
 * @param millis how long the call took
 * @param usage the tokens it cost, null if unknown
 */
public record CallRecord(
        String target,
        String outcome,
        @Nullable Failure failure,
        int status,
        long millis,
        @Nullable Usage usage) {}
