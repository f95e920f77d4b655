package io.bactrian.broker;

import org.jspecify.annotations.Nullable;

/** A state that operators have to know, told once for as long as it lasts. Thread-safe. */
public final class Trouble {
    private @Nullable String why;

    /**
     * Notes that it is so.
     *
     * @param reason for operators
     * @return whether this is news
     */
    public synchronized boolean begins(String reason) {
        boolean news = why == null;
        why = reason;
        return news;
    }

    /** Notes that it is not so any more; true if it was. */
    public synchronized boolean over() {
        boolean was = why != null;
        why = null;
        return was;
    }

    /** The reason; null if there is no trouble. */
    synchronized @Nullable String why() {
        return why;
    }
}
