package io.bactrian.config;

import java.time.Duration;

/**
 * The memory behind the {@code stale} step ({@code bactrian.stale.*}). Immutable.
 *
 * @param maxAge older answers are not given
 * @param maxEntries more answers are not kept
 * @param store a JDBC URL as {@link Addresses} reads it, empty = in memory
 */
public record StaleSettings(Duration maxAge, int maxEntries, String store) {
    @Override
    public String toString() {
        return "Stale[" + maxAge + ", " + maxEntries + (store.isEmpty() ? "" : ", in a database") + "]";
    }
}
