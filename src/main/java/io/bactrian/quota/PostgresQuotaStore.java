package io.bactrian.quota;

import com.zaxxer.hikari.HikariDataSource;
import io.bactrian.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;

/**
 * A quota store in the table {@code bactrian_limits} of PostgreSQL. The table is not logged: a change waits for no disk, and after a
 * crash of the database limits begin full. Thread-safe.
 */
final class PostgresQuotaStore implements QuotaStore {
    private static final String NOW = "(extract(epoch from clock_timestamp()) * 1000)::bigint";
    private static final String FIND = "select to_regclass('bactrian_limits') is not null";
    private static final String CREATE = "create unlogged table if not exists bactrian_limits"
            + " (id text primary key, state bytea not null, full_at bigint not null) with (fillfactor = 50)";
    private static final String READ = "select " + NOW + ", (select state from bactrian_limits where id = ?)";
    /** Whether a change was made, the time, and, if it was not made, the state that there was when the statement began. */
    private static final String CHANGE = "with made as (%s returning 1) select exists (select from made), " + NOW
            + ", case when not exists (select from made) then (select state from bactrian_limits where id = ?) end";

    private static final String INSERT = CHANGE.formatted(
            "insert into bactrian_limits (state, full_at, id) values (?, ?, ?) on conflict (id) do nothing");
    private static final String UPDATE =
            CHANGE.formatted("update bactrian_limits set state = ?, full_at = ? where id = ? and state = ?");
    private static final String SWEEP = "delete from bactrian_limits where full_at < " + NOW;

    private static final int CONNECTIONS = 8;

    private final HikariDataSource pool;

    /** @param url in JDBC's grammar, with user and password */
    PostgresQuotaStore(String url) {
        // It connects when it is first asked for a connection.
        pool = new HikariDataSource();
        pool.setJdbcUrl(url);
        pool.setPoolName("bactrian-limits");
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setMinimumIdle(1);
        pool.setConnectionTimeout(TimeUnit.SECONDS.toMillis(2));
        pool.setValidationTimeout(500);
        pool.setInitializationFailTimeout(-1);
        pool.setThreadFactory(
                Thread.ofPlatform().name("shared-limits-pool-", 0).daemon().factory());
        pool.setDataSourceProperties(DatabaseUrl.properties(url));
    }

    @Override
    public void open() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            if (exists(statement)) {
                return;
            }
            try {
                statement.execute(CREATE);
            } catch (SQLException e) {
                // Another node may have created it at the same moment.
                if (!exists(statement)) {
                    throw e;
                }
            }
        }
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery(FIND)) {
            return row.next() && row.getBoolean(1);
        }
    }

    @Override
    public State read(String key) throws SQLException {
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new State(row.getBytes(2), row.getLong(1));
            }
        }
    }

    @Override
    public Change replace(String key, State expected, byte[] bytes, long fullIn) throws SQLException {
        byte[] old = expected.bytes();
        try (Connection connection = pool.getConnection();
                PreparedStatement statement = connection.prepareStatement(old == null ? INSERT : UPDATE)) {
            statement.setBytes(1, bytes);
            statement.setLong(2, expected.now() + fullIn);
            statement.setString(3, key);
            if (old != null) {
                statement.setBytes(4, old);
            }
            statement.setString(old == null ? 4 : 5, key);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                boolean made = row.getBoolean(1);
                return new Change(made, new State(made ? bytes : row.getBytes(3), row.getLong(2)));
            }
        }
    }

    @Override
    public void sweep() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(SWEEP);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
