package io.bactrian.web;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** The limit of the requests in flight, which counts those of earlier configurations too. Thread-safe. */
public final class InFlightLimit {
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Map<String, AtomicInteger> byDoor = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> byCaller = new ConcurrentHashMap<>();

    /**
     * Counts a request in.
     *
     * @param max the most of all callers
     * @param maxOfOne the most of one caller
     * @return false if there are as many already
     */
    boolean enter(int max, int maxOfOne, String door, String caller) {
        AtomicInteger here = of(byDoor, door);
        AtomicInteger own = of(byCaller, caller);
        if (own.incrementAndGet() > maxOfOne) {
            own.decrementAndGet();
            return false;
        }
        if (inFlight.incrementAndGet() > max) {
            inFlight.decrementAndGet();
            own.decrementAndGet();
            return false;
        }
        here.incrementAndGet();
        return true;
    }

    void leave(String door, String caller) {
        of(byDoor, door).decrementAndGet();
        of(byCaller, caller).decrementAndGet();
        inFlight.decrementAndGet();
    }

    int size() {
        return inFlight.get();
    }

    /** The requests in flight for each kind of entry that was used. */
    public Map<String, Integer> byDoor() {
        return byDoor.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, door -> door.getValue()
                .get()));
    }

    private static AtomicInteger of(Map<String, AtomicInteger> counts, String name) {
        return counts.computeIfAbsent(name, n -> new AtomicInteger());
    }
}
