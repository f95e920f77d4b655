package io.bactrian.queue;

import io.bactrian.queue.ServingTargets.Reach;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Consumer;
import org.apache.camel.Exchange;
import org.apache.camel.Route;
import org.apache.camel.component.jms.JmsConsumer;
import org.apache.camel.support.RoutePolicySupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jms.listener.DefaultMessageListenerContainer;

/**
 * The pause of the consumption while no target can be called: messages stay at the broker. It begins within the request that finds
 * out, and ends with the first target that is healthy again; before, one message at a time is let through whenever a trial call is
 * due. Belongs to one generation and its consumer; the policy of the route {@code queue}. Thread-safe.
 */
public final class QueuePause extends RoutePolicySupport implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueuePause.class);
    private static final long LOOK_MILLIS = 100;

    private final ServingTargets targets;
    private final QueueSteps steps;
    private final QueueFigures figures;
    private final int consumers;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Mode mode = Mode.OPEN;
    private volatile @Nullable Route route;
    private boolean watched;
    private boolean closed;

    private enum Mode {
        OPEN,
        /** One consumer only, for a trial call. */
        TRIAL,
        PAUSED
    }

    /** @param consumers requests in progress at once while there is no pause */
    public QueuePause(ServingTargets targets, QueueSteps steps, QueueFigures figures, int consumers, Clock clock) {
        this.targets = targets;
        this.steps = steps;
        this.figures = figures;
        this.consumers = consumers;
        this.clock = clock;
        steps.pauseBy(this);
    }

    @Override
    public void onInit(Route started) {
        route = started;
    }

    @Override
    public void onExchangeDone(Route done, Exchange exchange) {
        QueueOutcome outcome = steps.done(exchange);
        if (mode != Mode.OPEN && outcome != null && outcome != QueueOutcome.LATER) {
            locked(this::look);
        }
    }

    /** Takes over the pause of the generation before, if there is one. */
    public void serve() {
        if (figures.pause() != null) {
            locked(() -> suspend(Mode.PAUSED));
        }
    }

    /**
     * Notes that a request has to wait for a target; pauses if none can be called.
     *
     * @return true if consumption goes on
     */
    boolean goesOn() {
        locked(() -> {
            Reach reach = targets.reach();
            if (mode == Mode.OPEN && reach == Reach.NONE) {
                String why = "no target can be called: " + targets.obstacles();
                LOG.warn("The queue pauses, {}", why);
                figures.paused(new QueueFigures.Pause(clock.millis(), why));
                suspend(Mode.PAUSED);
            } else if (mode == Mode.TRIAL && reach != Reach.WELL) {
                suspend(Mode.PAUSED);
            }
        });
        return mode == Mode.OPEN;
    }

    /** Keeps a message in hand, until the pause ends or the time is over. */
    void hold(long millis) throws InterruptedException {
        lock.lock();
        try {
            boolean paused = mode != Mode.OPEN;
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (nanos > 0 && !closed && !(paused && mode == Mode.OPEN)) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Looks whether a target is back. */
    private void look() {
        switch (targets.reach()) {
            case WELL -> open();
            case TRIAL -> {
                if (mode == Mode.PAUSED) {
                    resume(Mode.TRIAL, 1);
                }
            }
            case NONE -> {
                if (mode == Mode.TRIAL) {
                    suspend(Mode.PAUSED);
                }
            }
        }
    }

    private void open() {
        if (mode == Mode.OPEN) {
            return;
        }
        QueueFigures.Pause pause = figures.pause();
        resume(Mode.OPEN, consumers);
        figures.paused(null);
        if (pause != null) {
            LOG.info(
                    "The queue goes on after {} s: {} can be called",
                    String.format(Locale.ROOT, "%.1f", (clock.millis() - pause.since()) / 1000.0),
                    targets.well());
        }
    }

    /** Nothing more is taken; what is in flight ends and is committed. */
    private void suspend(Mode next) {
        Consumer consumer = consumer();
        if (consumer == null) {
            return;
        }
        try {
            suspendOrStopConsumer(consumer);
            become(next);
        } catch (Exception e) {
            LOG.warn("The queue cannot pause: {}", e.toString());
        }
        if (!watched) {
            watched = true;
            Thread.ofVirtual().name("queue-pause").start(this::watch);
        }
    }

    private void resume(Mode next, int atOnce) {
        Consumer consumer = consumer();
        if (consumer == null) {
            return;
        }
        try {
            if (consumer instanceof JmsConsumer jms
                    && jms.getListenerContainer() instanceof DefaultMessageListenerContainer listeners) {
                listeners.setConcurrentConsumers(atOnce);
                listeners.setMaxConcurrentConsumers(atOnce);
            }
            resumeOrStartConsumer(consumer);
            become(next);
        } catch (Exception e) {
            LOG.debug("The queue cannot go on yet: {}", e.toString());
        }
    }

    private void become(Mode next) {
        mode = next;
        changed.signalAll();
    }

    private @Nullable Consumer consumer() {
        Route known = route;
        return known == null ? null : known.getConsumer();
    }

    private void watch() {
        lock.lock();
        try {
            while (!closed && mode != Mode.OPEN) {
                if (changed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    continue;
                }
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            watched = false;
            lock.unlock();
        }
    }

    private void locked(Runnable step) {
        lock.lock();
        try {
            if (!closed) {
                step.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Leaves the consumer as it is from now on, and lets go of the messages in hand. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
