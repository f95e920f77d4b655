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

    /** Counts a request in; false if there are as many already. */
    boolean enter(int max, String door) {
        AtomicInteger here = of(door);
        if (inFlight.incrementAndGet() > max) {
            inFlight.decrementAndGet();
            return false;
        }
        here.incrementAndGet();
        return true;
    }

    /**
     * Counts a request of one of several callers in: a quarter of the places is left to the others, so that one caller never takes
     * all.
     *
     * @return false if there are as many already
     */
    boolean enter(int max, String door, String caller) {
        AtomicInteger own = byCaller.computeIfAbsent(caller, c -> new AtomicInteger());
        if (own.incrementAndGet() > max - max / 4 || !enter(max, door)) {
            own.decrementAndGet();
            return false;
        }
        return true;
    }

    void leave(String door, String caller) {
        leave(door);
        byCaller.computeIfAbsent(caller, c -> new AtomicInteger()).decrementAndGet();
    }

    void leave(String door) {
        of(door).decrementAndGet();
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

    private AtomicInteger of(String door) {
        return byDoor.computeIfAbsent(door, d -> new AtomicInteger());
    }
}
