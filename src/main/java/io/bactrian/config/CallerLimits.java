package io.bactrian.config;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one caller's key may do ({@code bactrian.server.limits.<name>}). Immutable.
 *
 * @param requestsPerMinute null = as many as it likes
 * @param tokensPerMinute read and written, null = as many as it likes
 * @param chains the only ones it may ask, empty = all, and every target
 */
public record CallerLimits(
        @Nullable Integer requestsPerMinute, @Nullable Integer tokensPerMinute, Set<String> chains) {
    public CallerLimits {
        chains = Set.copyOf(chains);
    }
}
