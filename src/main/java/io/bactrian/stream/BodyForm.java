package io.bactrian.stream;

/** The form of a body, by its first bytes. */
public enum BodyForm {
    /** Server-sent events: a field such as {@code data:}, or a comment. */
    EVENTS,
    /** JSON: an object or an array. */
    JSON,
    /** Anything else, or nothing. */
    OTHER
}
