package io.bactrian.config;

import java.util.Locale;

/** A service that targets are asked for. The health of a target is known for each service by itself. */
public enum Service {
    CHAT,
    /** Vectors for texts. */
    EMBEDDINGS,
    /** Texts that go on from a prompt, without messages. */
    COMPLETIONS;

    /** The name used in labels and as the name of a chain, such as {@code embeddings}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
