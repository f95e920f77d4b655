package io.bactrian.quota;

import io.bactrian.database.DatabaseWarnings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The guard between requests and a store that may be away. A question waits {@value #LIMIT_MILLIS} ms at most; after one without an
 * answer none is asked for a moment, so that a request with several of them waits once. After a failure, or three questions in a row
 * without an answer, the store is not asked any more until a thread of the guard, which looks once a second, has found it again.
 * Thread-safe.
 */
final class StoreGuard implements AutoCloseable {
    private static final int LIMIT_MILLIS = 200;
    private static final int MOST_TIMEOUTS = 3;
    private static final long PAUSE_MILLIS = 500;
    private static final long LOOK_MILLIS = 1_000;
    private static final long SWEEP_MILLIS = 60_000;
    /** The time without a failure after which a store that was away is said to be back. */
    private static final long STEADY_MILLIS = 5_000;

    private final QuotaStore store;
    private final DatabaseWarnings warnings;
    private final Clock clock;
    private final Quotas.Count count;
    private final ExecutorService questions = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("shared-limits-", 0).factory());
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("shared-limits").factory());
    private final CountDownLatch tried = new CountDownLatch(1);
    private final AtomicInteger timeouts = new AtomicInteger();
    private volatile boolean up;
    private volatile boolean begun;
    /** The end of the pause after a question without an answer. */
    private volatile long pausesUntil = Long.MIN_VALUE;

    private final int limitMillis;
    private boolean away;
    private long failedAt;
    private long sweptAt;

    StoreGuard(QuotaStore store, DatabaseWarnings warnings, Clock clock, Quotas.Count count) {
        this(store, warnings, clock, count, LIMIT_MILLIS);
    }

    /** The same with another limit: a test may run on a machine on which nothing is done in time. */
    StoreGuard(QuotaStore store, DatabaseWarnings warnings, Clock clock, Quotas.Count count, int limitMillis) {
        this.limitMillis = limitMillis;
        this.store = store;
        this.warnings = warnings;
        this.clock = clock;
        this.count = count;
    }

    /** Begins to use the store, and waits until it is there, but for a limited time. */
    void open(Duration limit) {
        synchronized (this) {
            if (!begun) {
                begun = true;
                looks.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        }
        try {
            if (!tried.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                failed(new TimeoutException("no connection within " + limit.toMillis() + " ms"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try {
            if (!up) {
                store.open();
                timeouts.set(0);
                up = true;
            } else if (clock.millis() - sweptAt >= SWEEP_MILLIS) {
                sweptAt = clock.millis();
                store.sweep();
            }
            settle();
        } catch (Exception e) {
            failed(e);
        } finally {
            tried.countDown();
        }
    }

    private synchronized void settle() {
        if (away && clock.millis() - failedAt >= STEADY_MILLIS) {
            away = false;
            warnings.settled();
        }
    }

    private synchronized void failed(Exception e) {
        up = false;
        failedAt = clock.millis();
        if (!away && !looks.isShutdown()) {
            away = true;
            warnings.about(e);
        }
    }

    /** Whether the store is asked now. */
    boolean isUp() {
        return up && (timeouts.get() == 0 || clock.millis() >= pausesUntil);
    }

    /** The answer of the store to a question; null if it is away, or does not answer in time. */
    <T> @Nullable T ask(Callable<T> question) {
        return begin(question).answer();
    }

    /** Begins to ask the store, and does not wait. */
    <T> Question<T> begin(Callable<T> question) {
        return new Question<>(isUp() ? submit(question) : null);
    }

    private <T> @Nullable Future<T> submit(Callable<T> question) {
        try {
            return questions.submit(() -> {
                T answer = question.call();
                if (timeouts.get() != 0) {
                    timeouts.set(0);
                }
                return answer;
            });
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /** A question to the store. */
    final class Question<T> {
        private final @Nullable Future<T> asked;

        private Question(@Nullable Future<T> asked) {
            this.asked = asked;
        }

        /** Waits for the answer, once; null if the store is away, or does not answer in time. */
        @Nullable
        T answer() {
            T answer = asked == null ? null : await(asked);
            count.of(answer != null);
            return answer;
        }
    }

    private <T> @Nullable T await(Future<T> asked) {
        // Questions may be open when another has had no answer; a request with several of them waits once.
        boolean pause = !isUp();
        try {
            return asked.get(pause ? 0 : limitMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // Ends what it waits for as well: the socket of a virtual thread is closed by an interrupt.
            asked.cancel(true);
            if (pause) {
                return null;
            }
            pausesUntil = clock.millis() + PAUSE_MILLIS;
            if (timeouts.incrementAndGet() >= MOST_TIMEOUTS) {
                failed(new TimeoutException("no answer within " + limitMillis + " ms"));
            }
        } catch (ExecutionException e) {
            failed(e);
        } catch (InterruptedException e) {
            asked.cancel(true);
            Thread.currentThread().interrupt();
        }
        return null;
    }

    @Override
    public void close() {
        looks.shutdownNow();
        up = false;
        questions.shutdownNow();
        store.close();
    }
}
