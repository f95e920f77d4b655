package io.bactrian.web;

import java.util.concurrent.atomic.AtomicInteger;

/** The limit of the requests in flight, which counts those of earlier configurations too. Thread-safe. */
public final class InFlightLimit {
    private final AtomicInteger inFlight = new AtomicInteger();

    /** Counts a request in; false if there are as many already. */
    boolean enter(int max) {
        if (inFlight.incrementAndGet() > max) {
            inFlight.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave() {
        inFlight.decrementAndGet();
    }

    int size() {
        return inFlight.get();
    }
}
