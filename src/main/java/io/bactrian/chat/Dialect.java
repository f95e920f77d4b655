package io.bactrian.chat;

/** The protocol a caller speaks. */
public enum Dialect {
    /** OpenAI Chat Completions. */
    CHAT,
    /** Anthropic Messages. */
    MESSAGES
}
