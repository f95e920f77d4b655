package io.bactrian.config;

import java.util.List;

/**
 * One limit: the last part of its key, its grammar, its built-in value and where it may stand.
 */
record LimitKey<T>(String name, ValueParser<T> value, T builtIn, Reach reach) {

    private static final String CHAIN = "bactrian.chains-options.<c>.";
    private static final String PROVIDER = "bactrian.providers.<p>.";
    private static final String TARGET = "bactrian.targets.<t>.";

    /** What a limit holds for, and so where it may be set beside the defaults. */
    enum Reach {
        /** A whole request: chains. */
        REQUEST,
        /** One attempt or one candidate: chains, providers and targets. */
        ATTEMPT,
        /** A model at a provider, whoever asks: providers and targets. */
        MODEL
    }

    /** The rows of the table of keys for this limit, those that are refused included. */
    List<PropertyKey> keys() {
        return List.of(
                allowed("bactrian.defaults."),
                reach == Reach.MODEL ? notOnChains() : allowed(CHAIN),
                reach == Reach.REQUEST ? notOnOneModel(PROVIDER) : allowed(PROVIDER),
                reach == Reach.REQUEST ? notOnOneModel(TARGET) : allowed(TARGET));
    }

    private PropertyKey allowed(String prefix) {
        return PropertyKey.of(prefix + name, value);
    }

    private PropertyKey notOnChains() {
        return PropertyKey.refused(
                CHAIN + name,
                "a breaker belongs to a model at a provider; set %s under bactrian.targets.<t>, bactrian.providers.<p> or bactrian.defaults"
                        .formatted(name));
    }

    private PropertyKey notOnOneModel(String prefix) {
        return PropertyKey.refused(
                prefix + name,
                "%s holds for a whole request; set it under bactrian.chains-options.<c> or bactrian.defaults"
                        .formatted(name));
    }
}
