package io.bactrian.lastresort;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.database.DatabaseUrl;
import io.bactrian.database.DatabaseWarnings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A database that may be unavailable: a query waits at most a second, and after a failure the database is not used for
 * a while. Thread-safe.
 */
final class Database implements AutoCloseable {
    private static final int LIMIT_SECONDS = 1;
    /** The time for which a database is not used after a failure, in milliseconds. */
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 5_000;

    private static final int READERS = 4;
    private static final int MAX_WAITING = 1_000;

    private final String url;
    private final List<String> tables;
    private final DatabaseWarnings warnings;
    private final Clock clock;
    private final ThreadPoolExecutor readers;
    private HikariDataSource pool;
    private boolean renew;
    private volatile boolean ready;
    private volatile boolean closed;
    private volatile long restsUntil;

    /** @param tables the statements that create what is missing */
    Database(String url, List<String> tables, Clock clock) {
        this.url = url;
        this.tables = List.copyOf(tables);
        this.clock = clock;
        this.warnings = new DatabaseWarnings(url, "the stale step", "the step is skipped", clock)
                .placed(url, "bactrian.stale.store");
        this.pool = new HikariDataSource(config(url));
        // A driver that waits on a dead connection cannot be interrupted, so the request does not run the query itself.
        this.readers = new ThreadPoolExecutor(
                READERS,
                READERS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().name("stale-read-", 0).daemon().factory());
        this.readers.allowCoreThreadTimeOut(true);
    }

    private static HikariConfig config(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setPoolName("bactrian-stale");
        config.setMaximumPoolSize(READERS + 2);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        config.setValidationTimeout(500);
        config.setInitializationFailTimeout(-1);
        config.setThreadFactory(
                Thread.ofPlatform().name("stale-pool-", 0).daemon().factory());
        config.setDataSourceProperties(DatabaseUrl.properties(url));
        return config;
    }

    /** Work on a connection. */
    interface Work<T> {
        @Nullable
        T on(Connection connection) throws SQLException;
    }

    /** The result of a query; null if it has none, or did not return in time. */
    <T> @Nullable T ask(Work<T> work) {
        if (rests()) {
            return null;
        }
        Future<T> answer;
        try {
            answer = readers.submit(() -> rests() ? null : attempt(work));
        } catch (RejectedExecutionException e) {
            return null;
        }
        try {
            return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            failed(e);
        } catch (ExecutionException e) {
            failed(e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Does work without a limit of time; false if it failed. */
    boolean tell(Work<?> work) {
        if (rests()) {
            return false;
        }
        try {
            attempt(work);
            return true;
        } catch (SQLException | RuntimeException e) {
            failed(e);
            return false;
        }
    }

    private <T> @Nullable T attempt(Work<T> work) throws SQLException {
        try (Connection connection = pool().getConnection()) {
            if (!ready) {
                try (Statement statement = connection.createStatement()) {
                    for (String table : tables) {
                        statement.execute(table);
                    }
                }
            }
            T result = work.on(connection);
            if (!ready) {
                ready = true;
                warnings.settled();
            }
            return result;
        }
    }

    /** The pool; after a failure of a database in a file a new one, because H2 only opens the file again without connections. */
    private synchronized HikariDataSource pool() {
        if (renew && !closed) {
            renew = false;
            pool.close();
            pool = new HikariDataSource(config(url));
        }
        return pool;
    }

    private synchronized void failedInFile() {
        renew = true;
    }

    private boolean rests() {
        return closed || clock.millis() < restsUntil;
    }

    private void failed(Exception e) {
        if (!closed) {
            ready = false;
            if (DatabaseUrl.isFile(url)) {
                failedInFile();
            }
            restsUntil = clock.millis() + PAUSE_AFTER_FAILURE_MILLIS;
            warnings.about(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        readers.shutdownNow();
        synchronized (this) {
            pool.close();
        }
    }
}
