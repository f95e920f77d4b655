package io.bactrian.queue;

import io.bactrian.policy.FailureClass;
import java.time.Clock;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The figures of the queue since the start of the process: what is in flight, and what became of the rest. Thread-safe. */
public final class QueueFigures {
    private final Clock clock;
    private final AtomicLong inFlight = new AtomicLong();
    private final AtomicLong redelivered = new AtomicLong();
    private final AtomicLongArray outcomes = new AtomicLongArray(QueueOutcome.values().length);
    /** The dead letters by their class. */
    private final ConcurrentHashMap<String, LongAdder> classes = new ConcurrentHashMap<>();

    private volatile long deadLetterAt;
    private volatile @Nullable Pause pause;

    public QueueFigures(Clock clock) {
        this.clock = clock;
    }

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
        if (outcome == QueueOutcome.DEAD_LETTER) {
            deadLetterAt = clock.millis();
        }
    }

    /** Notes that a message goes back to the broker as it is, because the connection is lost. */
    void lost() {
        inFlight.decrementAndGet();
    }

    /** Notes a dead letter and its class; {@link #ended} follows for it as for every message. */
    void deadLetter(FailureClass type) {
        deadLetter(type.name());
    }

    /**
     * Notes a word in the place of the class, for a dead letter that no failure class describes; {@link #ended} follows for it as for every message.
     *
     * @param name a word of the gateway's own, in the manner of a failure class, never one of the caller's
     */
    void deadLetter(String name) {
        classes.computeIfAbsent(name, n -> new LongAdder()).increment();
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

    /** The dead letters by their class, a failure class or a word of the gateway's own. */
    public SortedMap<String, Long> deadLetters() {
        SortedMap<String, Long> counts = new TreeMap<>();
        classes.forEach((name, count) -> counts.put(name, count.sum()));
        return counts;
    }

    /** When the latest dead letter was written, epoch milliseconds; 0 if there was none. */
    public long deadLetterAt() {
        return deadLetterAt;
    }

    /** The pause of the consumption; null if there is none. */
    public @Nullable Pause pause() {
        return pause;
    }
}
