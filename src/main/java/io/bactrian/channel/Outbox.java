package io.bactrian.channel;

import io.bactrian.alert.AlertMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one channel, in their order, one of which is sent at a time. It outlives a reload of the
 * configuration. When it is full, the oldest update is dropped first. A message that could not be sent for an hour is given up.
 * Thread-safe.
 */
final class Outbox {
    static final int CAPACITY = 100;
    static final Duration LONGEST_TRY = Duration.ofHours(1);

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private final Backoff backoff = new Backoff();
    private @Nullable Waiting taken;
    private boolean warned;
    private boolean overflowed;

    /** A message with the time of its first try, which is 0 before that. */
    private static final class Waiting {
        final AlertMessage message;
        long firstTry;

        Waiting(AlertMessage message) {
            this.message = message;
        }
    }

    /** The fate of a message that was not sent. */
    enum Failed {
        /** It stays, and this is the first failure after a success. */
        FIRST,
        /** It stays, as others did before. */
        AGAIN,
        /** It is given up. */
        GIVEN_UP,
        /** It is given up, as others were before. */
        GIVEN_UP_AGAIN
    }

    /** Adds a message; true if it is the first one for which another was dropped, since the queue was full last. */
    synchronized boolean add(AlertMessage message) {
        boolean full = waiting.size() >= CAPACITY;
        if (full) {
            drop();
        }
        waiting.addLast(new Waiting(message));
        boolean first = full && !overflowed;
        overflowed |= full;
        return first;
    }

    private void drop() {
        for (Iterator<Waiting> all = waiting.iterator(); all.hasNext(); ) {
            Waiting one = all.next();
            if (one != taken && one.message.state() == AlertMessage.State.UPDATE) {
                all.remove();
                return;
            }
        }
        Waiting first = waiting.removeFirst();
        if (first == taken) {
            // The one that is being sent goes on; the next one is dropped in its place.
            waiting.pollFirst();
            waiting.addFirst(first);
        }
    }

    synchronized boolean isDue(long now) {
        return taken == null && !waiting.isEmpty() && backoff.isOver(now);
    }

    /** Takes the message that is next; null if none is due. {@link #sent} or {@link #failed} follows. */
    synchronized @Nullable AlertMessage take(long now) {
        Waiting first = isDue(now) ? waiting.peekFirst() : null;
        if (first == null) {
            return null;
        }
        taken = first;
        first.firstTry = first.firstTry == 0 ? now : first.firstTry;
        return first.message;
    }

    /** Notes that the message was sent; true if those before it failed. */
    synchronized boolean sent() {
        waiting.remove(taken);
        taken = null;
        boolean failed = backoff.isFailing();
        backoff.succeeded();
        warned = false;
        overflowed &= waiting.size() >= CAPACITY - 1;
        return failed;
    }

    synchronized Failed failed(NotDelivered why, long now) {
        Waiting message = taken;
        taken = null;
        boolean first = !backoff.isFailing();
        boolean giveUp = message != null && (why.isLasting() || now - message.firstTry >= LONGEST_TRY.toMillis());
        backoff.failed(now, why.retryAfter());
        if (!giveUp) {
            return first ? Failed.FIRST : Failed.AGAIN;
        }
        waiting.remove(message);
        boolean before = warned;
        warned = true;
        return before ? Failed.GIVEN_UP_AGAIN : Failed.GIVEN_UP;
    }

    synchronized int size() {
        return waiting.size();
    }
}
