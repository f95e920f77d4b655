package io.bactrian.protocol;

/** The protocol a caller speaks. */
public enum CallerProtocol {
    /** OpenAI Chat Completions. */
    CHAT,
    /** Anthropic Messages. */
    MESSAGES
}
