package io.bactrian.config;

/** The wire protocol of a provider's endpoint. */
public enum Api {
    /** OpenAI Chat Completions, and everything compatible with it. */
    OPENAI,
    /** Anthropic Messages. */
    ANTHROPIC
}
