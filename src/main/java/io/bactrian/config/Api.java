package io.bactrian.config;

/** A wire protocol that a provider's endpoint speaks. */
public enum Api {
    /** OpenAI Chat Completions, and everything compatible with it. */
    OPENAI,
    /** Anthropic Messages. */
    ANTHROPIC
}
