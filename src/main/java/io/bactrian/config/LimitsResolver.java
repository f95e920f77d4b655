package io.bactrian.config;

import org.jspecify.annotations.Nullable;

/** The source of the limits that hold for a target in a chain. Implementations are thread-safe. */
@FunctionalInterface
public interface LimitsResolver {

    /**
     * The limits, each from the first place that sets it: target, provider, chain, defaults, built-in value.
     *
     * @param chain a chain's name, or null for a target that a caller names without one
     * @param target null for the limits of a whole request
     */
    Limits resolve(@Nullable String chain, @Nullable Target target);
}
