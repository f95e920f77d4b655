package io.bactrian.config;

import java.util.List;

/**
 * An ordered list of targets under a name that callers use as the model name. Immutable.
 *
 * @param candidates tried left to right; each target once
 * @param limits the limits of the whole request
 */
public record Chain(String name, List<Candidate> candidates, Limits limits) {

    public Chain {
        candidates = List.copyOf(candidates);
    }

    /** A target with the limits that hold for it in this chain. */
    public record Candidate(Target target, Limits limits) {}
}
