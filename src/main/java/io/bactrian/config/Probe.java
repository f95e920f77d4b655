package io.bactrian.config;

/** The ways in which the health monitor looks at a target. */
public enum Probe {
    /** A short question to the model. */
    CHAT,
    /** The provider's list of models: free, but it proves no more than the network and the key. */
    MODELS,
    /** No call at all: only callers' requests tell. */
    PASSIVE
}
