package io.bactrian.request;

import io.bactrian.health.DrillFault;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options that a caller gives beside the request, as headers of HTTP or of a message. Immutable.
 *
 * @param timeout the longest time the request may take; null for the chain's deadline
 * @param minQuality the lowest quality accepted, 0..1; null for the chain's
 * @param fallback false if only the first candidate may answer
 * @param maxWait the longest wait while no candidate can be asked; null for the chain's
 * @param chain the name of the chain; null if the request's model names it
 * @param drills the faults with which targets fail for this request, by {@link io.bactrian.config.Target#key}
 */
public record RequestOptions(
        @Nullable Duration timeout,
        @Nullable Double minQuality,
        boolean fallback,
        @Nullable Duration maxWait,
        @Nullable String chain,
        Map<String, DrillFault> drills) {
    public RequestOptions {
        drills = Map.copyOf(drills);
    }
}
