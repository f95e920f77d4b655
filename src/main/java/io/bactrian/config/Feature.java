package io.bactrian.config;

/** A feature that a target has or lacks ({@code bactrian.targets.<t>.supports}). */
public enum Feature {
    TOOLS,
    IMAGES,
    JSON_SCHEMA,
    PREFILL,
    STREAMING;

    /** The name used in properties and labels, such as {@code json-schema}. */
    public String label() {
        return ValueParsers.label(this);
    }
}
