package io.bactrian.request;

import io.bactrian.health.DrillFault;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options that a caller gives beside the request. Immutable.
 *
 * @param timeout null for the chain's deadline
 * @param minQuality 0..1, null for the chain's
 * @param fallback false if only the first candidate may answer
 * @param chain the chain, where it is not the request's model; null for that
 * @param drills how targets are to fail for this request, by their {@link io.bactrian.config.Target#key}
 */
public record RequestOptions(
        @Nullable Duration timeout,
        @Nullable Double minQuality,
        boolean fallback,
        @Nullable String chain,
        Map<String, DrillFault> drills) {
    /** Nothing said: the limits of the chain hold. */
    public static final RequestOptions NONE = new RequestOptions(null, null, true, null, Map.of());

    public RequestOptions {
        drills = Map.copyOf(drills);
    }
}
