package io.bactrian.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one caller's key ({@code bactrian.server.limits.<name>}). Immutable.
 *
 * @param requestsPerMinute null = unlimited
 * @param tokensPerMinute input and output together, null = unlimited
 * @param chains the only ones it may ask, empty = all, and every target
 */
public record CallerLimits(
        @Nullable Integer requestsPerMinute, @Nullable Integer tokensPerMinute, Set<String> chains) {
    public CallerLimits {
        chains = Set.copyOf(chains);
    }
}
