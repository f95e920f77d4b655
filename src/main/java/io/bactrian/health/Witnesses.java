package io.bactrian.health;

import org.jspecify.annotations.Nullable;

/**
 * The callers whose requests have shown the same of a target. One caller can bring about much with requests of its own, so that
 * it takes two of them before others are concerned. Thread-safe.
 */
final class Witnesses {
    private @Nullable String first;
    private boolean suffice;

    /**
     * Adds one.
     *
     * @param caller the name of the caller's key; empty if what it shows holds for all callers
     * @return true if what was shown holds for all callers now
     */
    synchronized boolean add(String caller) {
        suffice |= caller.isEmpty() || (first != null && !first.equals(caller));
        first = caller;
        return suffice;
    }

    synchronized void forget() {
        first = null;
        suffice = false;
    }
}
