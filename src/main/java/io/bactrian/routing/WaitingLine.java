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
 * Those who wait for candidates to come back: a line for each candidate, first come, first served, and only so many in all. They
 * set out one by one, so that a candidate that has just come back is not overrun. Thread-safe.
 */
public final class WaitingLine {
    /** From one setting out to the next. */
    private static final long PACE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Line> lines = new HashMap<>();
    private long arrivals;
    private int waiting;

    /**
     * Takes a place, which has to be given back.
     *
     * @param most how many may wait at once
     * @return null if that many do
     */
    @Nullable
    Place enter(int most) {
        lock.lock();
        try {
            if (waiting >= most) {
                return null;
            }
            waiting++;
            return new Place(arrivals++);
        } finally {
            lock.unlock();
        }
    }

    /** How many wait. */
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

    /** The place of one who waits: in one line at a time, by the time of arrival. Used by one thread, woken by any. */
    final class Place implements AutoCloseable {
        private final long arrival;
        private final Condition turn = lock.newCondition();
        private @Nullable String line;
        private boolean woken;

        private Place(long arrival) {
            this.arrival = arrival;
        }

        /**
         * Waits in a candidate's line until it is the first there.
         *
         * @return false if that was not within the time, or it was woken
         */
        boolean awaitTurn(String candidate, long millis) throws InterruptedException {
            lock.lock();
            try {
                if (!candidate.equals(line)) {
                    stepOut();
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

        /** Ends its waiting, whatever for. */
        void wake() {
            lock.lock();
            try {
                woken = true;
                turn.signal();
            } finally {
                lock.unlock();
            }
        }

        private void stepOut() {
            if (line == null) {
                return;
            }
            Line own = Objects.requireNonNull(lines.get(line));
            if (own.places.firstKey() == arrival) {
                own.openFrom = System.nanoTime() + PACE_NANOS;
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
                stepOut();
                waiting--;
            } finally {
                lock.unlock();
            }
        }
    }
}
