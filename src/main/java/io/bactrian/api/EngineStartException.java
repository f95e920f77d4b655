package io.bactrian.api;

import java.util.List;

/**
 * The reason for which the engine in an application cannot start, and so the application's Camel context neither. The message has one
 * line for each mistake.
 */
public final class EngineStartException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mistakes;

    /** @param mistakes at least one line; each names the key, its value and what would be right, and has no secret in it */
    public EngineStartException(List<String> mistakes, Throwable cause) {
        super("Bactrian cannot start:\n  " + String.join("\n  ", mistakes), cause);
        this.mistakes = List.copyOf(mistakes);
    }

    /** The mistakes, one line each. */
    public List<String> mistakes() {
        return mistakes;
    }
}
