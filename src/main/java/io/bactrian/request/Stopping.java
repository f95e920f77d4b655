package io.bactrian.request;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The stop of the program, as requests in progress see it: when it begins, those that only wait for a target end, and when its time
 * is over, all that are left. Thread-safe.
 */
public final class Stopping {
    private final Set<Cancellation> requests = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> waits = ConcurrentHashMap.newKeySet();
    private volatile boolean begun;
    private volatile boolean over;

    /** True once the program stops: nothing waits for a target from then on. */
    public boolean begun() {
        return begun;
    }

    /** Begins the stop, and ends the waits. */
    public void begin() {
        begun = true;
        waits.forEach(Runnable::run);
    }

    /** Counts a request in. */
    public void enter(Cancellation request) {
        requests.add(request);
        if (over) {
            request.stop();
        }
    }

    /** Counts a request out. */
    public void leave(Cancellation request) {
        requests.remove(request);
    }

    /** Notes a wait for a target, and how it is ended; ends it at once if the stop has begun. */
    public void waits(Runnable wake) {
        waits.add(wake);
        if (begun) {
            wake.run();
        }
    }

    /** Notes that a wait is over. */
    public void waitsNoMore(Runnable wake) {
        waits.remove(wake);
    }

    /** Ends all requests that are left; returns their number. */
    public int cut() {
        over = true;
        int cut = 0;
        for (Cancellation request : requests) {
            cut += request.stop() ? 1 : 0;
        }
        return cut;
    }
}
