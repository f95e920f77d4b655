package io.bactrian.queue;

import java.time.Clock;

/** The state of the queue that outlives generations: a reload of the configuration takes it over. Thread-safe. */
public final class QueueState implements AutoCloseable {
    private final QueueFigures figures;

    public QueueState(Clock clock) {
        figures = new QueueFigures(clock);
    }

    public QueueFigures figures() {
        return figures;
    }

    @Override
    public void close() {}
}
