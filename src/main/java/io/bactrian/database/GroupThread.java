package io.bactrian.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A thread with one connection to a database, which takes all jobs that wait at once: many threads then share one commit, and
 * one round trip. Those who wait for a job do so for a limited time, and not at all while the database rests after a failure.
 * Thread-safe. It is never interrupted, because an interrupt closes the file of an H2 database.
 */
public final class GroupThread<J extends GroupThread.Job> implements AutoCloseable {
    /** The memory that waiting jobs may hold, in kilobytes. */
    private static final int MAX_WAITING_KB = 64 << 10;

    private static final Duration TO_OPEN = Duration.ofSeconds(10);
    private static final long IDLE_MILLIS = 60_000;
    private static final long TO_CLOSE_MILLIS = 5_000;

    private final DatabaseAccess access;
    private final Work<J> work;
    private final Thread thread;
    private final Semaphore kilobytes = new Semaphore(MAX_WAITING_KB);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private List<J> waiting = new ArrayList<>();
    private boolean closed;

    private @Nullable Connection connection;
    private int failuresBefore;

    public GroupThread(String name, DatabaseAccess access, Work<J> work) {
        this.access = access;
        this.work = work;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /** One job of the thread. */
    public abstract static class Job {
        final CountDownLatch ended = new CountDownLatch(1);
        final int kilobytes;
        volatile boolean done;

        /** @param bytes the memory that it holds until it is done */
        protected Job(long bytes) {
            this.kilobytes = (int) Math.min(MAX_WAITING_KB, 1 + bytes / 1024);
        }
    }

    /** The work of the thread. */
    public interface Work<J> {
        /**
         * Does jobs; all or none of them are done.
         *
         * @param jobs none if there was none for a while
         * @return milliseconds after which it wants to be called although there are no jobs
         */
        long on(Connection connection, List<J> jobs) throws SQLException;
    }

    /** Opens the connection, without waiting for it. */
    public void start() {
        lock.lock();
        try {
            if (!closed && thread.getState() == Thread.State.NEW) {
                thread.start();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a job is done; false if it failed, or is not done in time. */
    public boolean does(J job, Duration limit) {
        if (access.rests()) {
            return false;
        }
        long millis = (access.wasTried() ? limit : TO_OPEN).toMillis();
        try {
            if (!kilobytes.tryAcquire(job.kilobytes, millis, TimeUnit.MILLISECONDS)) {
                return false;
            }
            if (!add(job)) {
                kilobytes.release(job.kilobytes);
                return false;
            }
            if (!job.ended.await(millis, TimeUnit.MILLISECONDS)) {
                access.failed(new TimeoutException());
                return false;
            }
            return job.done;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean add(J job) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            start();
            waiting.add(job);
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        long idle = serve(List.of());
        for (List<J> jobs = take(idle); jobs != null; jobs = take(idle)) {
            idle = serve(jobs);
        }
        drop();
    }

    /** The jobs that wait, or none after a time without; null after the end. */
    private @Nullable List<J> take(long idleMillis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(idleMillis);
            while (waiting.isEmpty() && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (waiting.isEmpty()) {
                return closed ? null : List.of();
            }
            List<J> taken = waiting;
            waiting = new ArrayList<>();
            return taken;
        } catch (InterruptedException e) {
            return List.of();
        } finally {
            lock.unlock();
        }
    }

    private long serve(List<J> jobs) {
        boolean done = false;
        try {
            if (!access.rests()) {
                long idle = work.on(connection(), jobs);
                done = true;
                return idle;
            }
        } catch (SQLException | RuntimeException e) {
            drop();
            access.failed(e);
        } finally {
            for (J job : jobs) {
                job.done = done;
                job.ended.countDown();
                kilobytes.release(job.kilobytes);
            }
        }
        return IDLE_MILLIS;
    }

    private Connection connection() throws SQLException {
        Connection present = connection;
        if (present != null && failuresBefore == access.failures()) {
            return present;
        }
        drop();
        int failures = access.failures();
        Connection made = access.open();
        connection = made;
        failuresBefore = failures;
        return made;
    }

    private void drop() {
        try (Connection old = connection) {
            connection = null;
        } catch (SQLException e) {
            // It is gone either way.
        }
    }

    /** Ends it when the jobs that wait are done, or after some seconds. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(TO_CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
