package io.bactrian.routing;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for a candidate to come back: a line for each candidate, and limits for all lines together and for the
 * requests of one caller. They leave a line one by one, so that a candidate that has just come back is not overrun: the callers
 * in turn, and the requests of a caller in the order of arrival. Thread-safe.
 */
public final class WaitingLine {
    /** The time between two requests that leave a line. */
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Line> lines = new HashMap<>();
    private final Map<String, Integer> ofCallers = new HashMap<>();
    private long arrivals;
    private int waiting;

    /**
     * Takes a place, which must be closed.
     *
     * @param caller the name of the caller's key; empty where callers have none
     * @param max the number of requests that may wait at once
     * @param maxOfCaller the number of requests of one caller that may
     * @return null if as many wait already
     */
    @Nullable
    Place enter(String caller, int max, int maxOfCaller) {
        lock.lock();
        try {
            int own = ofCallers.getOrDefault(caller, 0);
            if (waiting >= max || own >= maxOfCaller) {
                return null;
            }
            Place place = new Place(caller, arrivals++);
            waiting++;
            ofCallers.put(caller, own + 1);
            return place;
        } finally {
            lock.unlock();
        }
    }

    /** The number of requests that wait. */
    public int length() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    private static final class Line {
        /** The places of each caller, that of the caller whose turn it is first. */
        private final Map<String, TreeMap<Long, Place>> places = new LinkedHashMap<>();

        private long openFrom = System.nanoTime();

        void add(Place place) {
            places.computeIfAbsent(place.caller, c -> new TreeMap<>()).put(place.arrival, place);
        }

        @Nullable
        Place first() {
            return places.isEmpty()
                    ? null
                    : places.values().iterator().next().firstEntry().getValue();
        }

        /** Removes a place; if it was the first, it is the next caller's turn. */
        void remove(Place place) {
            boolean turn = first() == place;
            TreeMap<Long, Place> own = Objects.requireNonNull(places.get(place.caller));
            own.remove(place.arrival);
            if (own.isEmpty()) {
                places.remove(place.caller);
            } else if (turn) {
                places.remove(place.caller);
                places.put(place.caller, own);
            }
        }
    }

    /** The place of one request, in one line at a time. Used by the request's thread; any thread may wake it. */
    final class Place implements AutoCloseable {
        private final String caller;
        private final long arrival;
        private final Condition turn = lock.newCondition();
        private @Nullable String line;
        private boolean woken;

        private Place(String caller, long arrival) {
            this.caller = caller;
            this.arrival = arrival;
        }

        /**
         * Waits in a candidate's line until this place is its first and may leave it.
         *
         * @return false if the time has passed or {@link #wake} was called
         */
        boolean awaitTurn(String candidate, long millis) throws InterruptedException {
            lock.lock();
            try {
                if (!candidate.equals(line)) {
                    leaveLine();
                    line = candidate;
                    lines.computeIfAbsent(candidate, c -> new Line()).add(this);
                }
                Line own = Objects.requireNonNull(lines.get(candidate));
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                while (!woken) {
                    long now = System.nanoTime();
                    boolean first = own.first() == this;
                    if (first && now - own.openFrom >= 0) {
                        return true;
                    }
                    if (now - until >= 0) {
                        return false;
                    }
                    long left = until - now;
                    turn.awaitNanos(first ? Math.min(left, own.openFrom - now) : left);
                }
                return false;
            } finally {
                lock.unlock();
            }
        }

        /** Ends the wait, and every later one. */
        void wake() {
            lock.lock();
            try {
                woken = true;
                turn.signal();
            } finally {
                lock.unlock();
            }
        }

        private void leaveLine() {
            if (line == null) {
                return;
            }
            Line own = Objects.requireNonNull(lines.get(line));
            if (own.first() == this) {
                own.openFrom = System.nanoTime() + INTERVAL_NANOS;
            }
            own.remove(this);
            Place next = own.first();
            if (next == null) {
                lines.remove(line);
            } else {
                next.turn.signal();
            }
            line = null;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                waiting--;
                ofCallers.computeIfPresent(caller, (c, own) -> own == 1 ? null : (Integer) (own - 1));
                leaveLine();
            } finally {
                lock.unlock();
            }
        }
    }
}
