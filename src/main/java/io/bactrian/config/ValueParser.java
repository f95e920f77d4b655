package io.bactrian.config;

/** The grammar of one kind of value. Implementations are pure functions. */
@FunctionalInterface
interface ValueParser<T> {

    /**
     * Reads a text that is trimmed and not empty.
     *
     * @throws BadValue if the text is no such value
     */
    T of(String text);
}
