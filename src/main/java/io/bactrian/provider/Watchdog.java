package io.bactrian.provider;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A watchdog over time limits: one timer wheel runs the actions of thousands of limits. Thread-safe. */
public final class Watchdog implements AutoCloseable {
    private static final int TICK_MILLIS = 10;

    /** The wheel is never this late unless the process was stopped, such as with its machine. */
    private static final long STOPPED_MILLIS = 2_000;
    /** What a call has then to read what came meanwhile. */
    private static final long AFTER_STOP_MILLIS = 1_000;

    private final Clock clock;
    /** Created when it is first needed, because a start that only reports configuration errors has no limits. */
    private volatile @Nullable HashedWheelTimer timer;

    public Watchdog(Clock clock) {
        this.clock = clock;
    }

    /** A watch without a limit yet, which ends when it has run its action. The action must not block. */
    public Watch watch(Runnable expired) {
        return new Watch(expired, false);
    }

    /** A watch whose action may set another limit. The action must not block. */
    public Watch repeating(Runnable expired) {
        return new Watch(expired, true);
    }

    @Override
    public synchronized void close() {
        HashedWheelTimer wheel = timer;
        if (wheel != null) {
            wheel.stop();
        }
    }

    private HashedWheelTimer wheel() {
        HashedWheelTimer wheel = timer;
        return wheel == null ? create() : wheel;
    }

    private synchronized HashedWheelTimer create() {
        HashedWheelTimer wheel = timer;
        if (wheel == null) {
            wheel = new HashedWheelTimer(
                    new DefaultThreadFactory("watchdog", true), TICK_MILLIS, TimeUnit.MILLISECONDS, 1024);
            timer = wheel;
        }
        return wheel;
    }

    /**
     * One limit, which is moved ahead often and rarely reached: moving it ahead is one write, and the wheel is used only if the
     * limit comes nearer. A limit that passed while the process was stopped holds a little later. Thread-safe.
     */
    public final class Watch {
        private final Runnable expired;
        private final boolean repeating;
        private volatile long limit = Long.MAX_VALUE;
        private volatile long scheduledFor = Long.MAX_VALUE;
        private @Nullable Timeout timeout;
        private boolean over;
        private boolean excused;

        private Watch(Runnable expired, boolean repeating) {
            this.expired = expired;
            this.repeating = repeating;
        }

        /** Sets the limit, epoch milliseconds. */
        public void until(long at) {
            limit = at;
            if (at < scheduledFor) {
                schedule(at);
            }
        }

        /** Ends the watch. An action that is due at the same moment may still run. */
        public synchronized void stop() {
            over = true;
            Timeout pending = timeout;
            if (pending != null) {
                pending.cancel();
            }
        }

        private synchronized void schedule(long at) {
            if (over) {
                return;
            }
            Timeout pending = timeout;
            if (pending != null) {
                pending.cancel();
            }
            scheduledFor = at;
            timeout = wheel().newTimeout(t -> check(), Math.max(0, at - clock.millis()), TimeUnit.MILLISECONDS);
        }

        private void check() {
            synchronized (this) {
                if (over) {
                    return;
                }
                // Before the limit is read: a thread that brings it nearer now finds nothing scheduled, and schedules
                // it.
                scheduledFor = Long.MAX_VALUE;
                long due = limit;
                long now = clock.millis();
                if (now < due) {
                    schedule(due);
                    return;
                }
                if (now - due > STOPPED_MILLIS && !excused) {
                    excused = true;
                    schedule(now + AFTER_STOP_MILLIS);
                    return;
                }
                excused = false;
                over = !repeating;
            }
            expired.run();
        }
    }
}
