package io.bactrian.page;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The last events. Of those about requests at most five are kept each second, so that an outage under load costs no more than a
 * count for each request, and does not push everything else out. Thread-safe.
 */
public final class RecentEvents {
    static final int SIZE = 200;

    /** Rescues are rare and have places of their own. */
    private final Budget rescues = new Budget(2);

    private final Budget others = new Budget(3);
    private final Deque<Numbered> latest = new ArrayDeque<>(SIZE);
    private long lastId;

    /** An event and its number, which rises. */
    record Numbered(long id, PageEvent event) {}

    /**
     * The permission to add an event about a request.
     *
     * @param leftOut how many did not get one since the last that did
     */
    record Place(long leftOut) {}

    private static final class Budget {
        /** The second in the upper bits, and how many places of it are taken. */
        private final AtomicLong taken = new AtomicLong();

        private final LongAdder leftOut = new LongAdder();
        private final int perSecond;

        Budget(int perSecond) {
            this.perSecond = perSecond;
        }

        @Nullable
        Place take(long now) {
            long second = now / 1000;
            while (true) {
                long seen = taken.get();
                long count = seen >> 8 == second ? seen & 0xff : 0;
                if (count >= perSecond) {
                    leftOut.increment();
                    return null;
                }
                if (taken.compareAndSet(seen, second << 8 | count + 1)) {
                    return new Place(leftOut.sumThenReset());
                }
            }
        }
    }

    /** Asks to add an event about a request; null if there are enough this second. */
    @Nullable
    Place place(PageEvent.Kind kind, long now) {
        return (kind == PageEvent.Kind.RESCUE ? rescues : others).take(now);
    }

    /** Adds an event. */
    public synchronized void add(PageEvent event) {
        if (latest.size() == SIZE) {
            latest.removeLast();
        }
        lastId++;
        latest.addFirst(new Numbered(lastId, event));
    }

    /** Adds that an operator did something to a target, or to something else. */
    public void operated(long now, @Nullable String target, String text) {
        add(PageEvent.of(now, PageEvent.Kind.OPERATOR, target, text));
    }

    /** All events, the newest first. */
    synchronized List<Numbered> all() {
        return List.copyOf(latest);
    }

    /** The number of the latest event; 0 if there was none. */
    public synchronized long lastId() {
        return lastId;
    }

    /** The events after one, the oldest first. */
    synchronized List<Numbered> after(long id) {
        if (id >= lastId) {
            return List.of();
        }
        List<Numbered> newer = new ArrayList<>();
        for (Numbered one : latest) {
            if (one.id() <= id) {
                break;
            }
            newer.addFirst(one);
        }
        return newer;
    }
}
