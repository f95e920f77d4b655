package io.bactrian.queue;

/** The state of the queue that outlives generations: a reload of the configuration takes it over. Thread-safe. */
public final class QueueState implements AutoCloseable {
    private final QueueFigures figures = new QueueFigures();

    public QueueFigures figures() {
        return figures;
    }

    @Override
    public void close() {}
}
