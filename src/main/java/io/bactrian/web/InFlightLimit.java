package io.bactrian.web;

import java.util.concurrent.atomic.AtomicInteger;

/** The requests that are inside, under whichever configuration each came in. Thread-safe. */
public final class InFlightLimit {
    private final AtomicInteger inside = new AtomicInteger();

    /** Lets one in unless there are so many already. */
    boolean enter(int most) {
        if (inside.incrementAndGet() > most) {
            inside.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        inside.decrementAndGet();
    }

    int size() {
        return inside.get();
    }
}
