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
 * Those who wait for candidates to come back: a line for each candidate, first come, first served, and only so many in all.
 * Thread-safe.
 */
public final class WaitingLine {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, TreeMap<Long, Place>> lines = new HashMap<>();
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
                    lines.computeIfAbsent(candidate, c -> new TreeMap<>()).put(arrival, this);
                }
                long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
                while (!woken && !isFirst(candidate)) {
                    if (nanos <= 0) {
                        return false;
                    }
                    nanos = turn.awaitNanos(nanos);
                }
                return !woken;
            } finally {
                lock.unlock();
            }
        }

        private boolean isFirst(String candidate) {
            TreeMap<Long, Place> own = lines.get(candidate);
            return own != null && own.firstKey() == arrival;
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
            TreeMap<Long, Place> own = Objects.requireNonNull(lines.get(line));
            own.remove(arrival);
            if (own.isEmpty()) {
                lines.remove(line);
            } else {
                own.firstEntry().getValue().turn.signal();
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
