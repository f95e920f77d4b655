package io.bactrian.queue;

import java.time.Clock;

/** The state of the queue that outlives generations: a reload of the configuration takes it over. Thread-safe. */
public final class QueueState implements AutoCloseable {
    private final QueueFigures figures;
    private final InFlightRequests inFlight = new InFlightRequests();

    public QueueState(Clock clock) {
        figures = new QueueFigures(clock);
    }

    public QueueFigures figures() {
        return figures;
    }

    InFlightRequests inFlight() {
        return inFlight;
    }

    /** Notes that nothing is consumed any more, and so nothing pauses. */
    public void off() {
        figures.paused(null);
    }

    @Override
    public void close() {}
}
