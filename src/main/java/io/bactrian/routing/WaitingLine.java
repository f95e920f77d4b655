package io.bactrian.routing;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests that wait for a candidate to come back: a line for each candidate, in the order of arrival, and a limit for all
 * lines together. They leave a line one by one, so that a candidate that has just come back is not overrun. Thread-safe.
 */
public final class WaitingLine {
    /** The time between two requests that leave a line. */
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Line> lines = new HashMap<>();
    private long arrivals;
    private int waiting;

    /**
     * Takes a place, which must be closed.
     *
     * @param max the number of requests that may wait at once
     * @return null if as many wait already
     */
    @Nullable
    Place enter(int max) {
        lock.lock();
        try {
            if (waiting >= max) {
                return null;
            }
            Place place = new Place(arrivals++);
            waiting++;
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
        final TreeMap<Long, Place> places = new TreeMap<>();
        long openFrom = System.nanoTime();
    }

    /** The place of one request, in one line at a time. Used by the request's thread; any thread may wake it. */
    final class Place implements AutoCloseable {
        private final long arrival;
        private final Condition turn = lock.newCondition();
        private @Nullable String line;
        private boolean woken;

        private Place(long arrival) {
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
                    lines.computeIfAbsent(candidate, c -> new Line()).places.put(arrival, this);
                }
                Line own = Objects.requireNonNull(lines.get(candidate));
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
                while (!woken) {
                    long now = System.nanoTime();
                    boolean first = own.places.firstKey() == arrival;
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
            if (own.places.firstKey() == arrival) {
                own.openFrom = System.nanoTime() + INTERVAL_NANOS;
            }
            own.places.remove(arrival);
            if (own.places.isEmpty()) {
                lines.remove(line);
            } else {
                own.places.firstEntry().getValue().turn.signal();
            }
            line = null;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                waiting--;
                leaveLine();
            } finally {
                lock.unlock();
            }
        }
    }
}
