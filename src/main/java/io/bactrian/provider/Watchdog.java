package io.bactrian.provider;

import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Ends what takes too long: one timer wheel for thousands of limits. Thread-safe. */
public final class Watchdog implements AutoCloseable {
    private static final int TICK_MILLIS = 10;

    private final Clock clock;
    /** Made when it is first needed: a start that only finds mistakes has nothing to watch. */
    private volatile @Nullable HashedWheelTimer made;

    public Watchdog(Clock clock) {
        this.clock = clock;
    }

    /** Watches over something; nothing happens until a limit is set. The action must not block. */
    public Watch watch(Runnable expired) {
        return new Watch(expired, false);
    }

    /** The same, but the action may set another limit. */
    public Watch repeating(Runnable expired) {
        return new Watch(expired, true);
    }

    @Override
    public synchronized void close() {
        HashedWheelTimer wheel = made;
        if (wheel != null) {
            wheel.stop();
        }
    }

    private HashedWheelTimer wheel() {
        HashedWheelTimer wheel = made;
        return wheel == null ? make() : wheel;
    }

    private synchronized HashedWheelTimer make() {
        HashedWheelTimer wheel = made;
        if (wheel == null) {
            wheel = new HashedWheelTimer(
                    new DefaultThreadFactory("watchdog", true), TICK_MILLIS, TimeUnit.MILLISECONDS, 1024);
            made = wheel;
        }
        return wheel;
    }

    /**
     * A limit that is moved ahead often and rarely reached: moving it costs a write, the wheel is told only when the limit
     * comes nearer. Thread-safe.
     */
    public final class Watch {
        private final Runnable expired;
        private final boolean repeating;
        private volatile long limit = Long.MAX_VALUE;
        private volatile long scheduledFor = Long.MAX_VALUE;
        private @Nullable Timeout timeout;
        private boolean over;

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

        /** Ends the watch. */
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
            timeout = wheel().newTimeout(t -> look(), Math.max(0, at - clock.millis()), TimeUnit.MILLISECONDS);
        }

        private void look() {
            synchronized (this) {
                if (over) {
                    return;
                }
                // Before the limit is read: whoever brings it nearer meanwhile finds nothing scheduled, and does so.
                scheduledFor = Long.MAX_VALUE;
                long due = limit;
                if (clock.millis() < due) {
                    schedule(due);
                    return;
                }
                over = !repeating;
            }
            expired.run();
        }
    }
}
