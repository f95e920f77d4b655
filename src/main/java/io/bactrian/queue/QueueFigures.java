package io.bactrian.queue;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** The figures of the queue since the start of the process: what is in flight, and what became of the rest. Thread-safe. */
public final class QueueFigures {
    private final AtomicLong inFlight = new AtomicLong();
    private final AtomicLong redelivered = new AtomicLong();
    private final AtomicLongArray outcomes = new AtomicLongArray(QueueOutcome.values().length);
    private volatile @Nullable Pause pause;

    /**
     * A pause of the consumption.
     *
     * @param since epoch milliseconds
     * @param why what it waits for, for operators
     */
    public record Pause(long since, String why) {}

    /**
     * Notes that a message was taken; {@link #ended} has to follow.
     *
     * @param again whether it had been delivered before
     */
    void taken(boolean again) {
        inFlight.incrementAndGet();
        if (again) {
            redelivered.incrementAndGet();
        }
    }

    /** Notes what became of a message. Its transaction is committed after this, and may fail: then it is taken again. */
    void ended(QueueOutcome outcome) {
        inFlight.decrementAndGet();
        outcomes.incrementAndGet(outcome.ordinal());
    }

    /** Notes that consumption pauses; null = it goes on. */
    void paused(@Nullable Pause now) {
        pause = now;
    }

    public long inFlight() {
        return inFlight.get();
    }

    public long redelivered() {
        return redelivered.get();
    }

    public long count(QueueOutcome outcome) {
        return outcomes.get(outcome.ordinal());
    }

    /** The pause of the consumption; null if there is none. */
    public @Nullable Pause pause() {
        return pause;
    }
}
