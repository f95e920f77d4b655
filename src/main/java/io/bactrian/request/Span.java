package io.bactrian.request;

/**
 * A stretch of time.
 *
 * @param from as {@link System#nanoTime} counts
 * @param to not before the start
 */
public record Span(long from, long to) {}
