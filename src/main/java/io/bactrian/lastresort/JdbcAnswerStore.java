package io.bactrian.lastresort;

import io.bactrian.config.StaleSettings;
import io.bactrian.database.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The answer store in a database, which outlives the process and may be shared by several. Thread-safe. */
final class JdbcAnswerStore implements AnswerStore {
    private static final String FIND =
            "select given_at, target, quality, answer from bactrian_stale where id = ? and given_at > ?";
    private static final String TOO_OLD = "delete from bactrian_stale where given_at <= ?";
    private static final String TOO_MANY = "delete from bactrian_stale where id in"
            + " (select id from bactrian_stale order by given_at desc, id offset ? rows)";

    private final StaleSettings settings;
    private final Database database;
    private final String put;
    private final Clock clock;
    private final AtomicInteger puts = new AtomicInteger();

    JdbcAnswerStore(StaleSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        boolean h2 = DatabaseUrl.isH2(settings.store());
        this.put = h2
                ? "merge into bactrian_stale (id, given_at, target, quality, answer) key (id) values (?, ?, ?, ?, ?)"
                : "insert into bactrian_stale (id, given_at, target, quality, answer) values (?, ?, ?, ?, ?)"
                        + " on conflict (id) do update set given_at = excluded.given_at, target = excluded.target,"
                        + " quality = excluded.quality, answer = excluded.answer";
        this.database = new Database(
                settings.store(),
                List.of(
                        "create table if not exists bactrian_stale (id varchar(64) primary key, given_at bigint not"
                                + " null, target varchar(400) not null, quality double precision not null, answer "
                                + (h2 ? "varbinary(" + StoredAnswer.MAX_BYTES + ")" : "bytea")
                                + " not null)",
                        "create index if not exists bactrian_stale_given_at on bactrian_stale (given_at)"),
                clock);
    }

    @Override
    public void open() {
        database.tell(this::clearOut);
    }

    @Override
    public @Nullable StoredAnswer find(String key) {
        return database.ask(connection -> find(connection, key));
    }

    private @Nullable StoredAnswer find(Connection connection, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            statement.setString(1, key);
            statement.setLong(2, oldest());
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? new StoredAnswer(row.getLong(1), row.getString(2), row.getDouble(3), row.getBytes(4))
                        : null;
            }
        }
    }

    @Override
    public boolean keep(String key, StoredAnswer answer) {
        boolean kept = database.tell(connection -> put(connection, key, answer));
        if (kept && puts.incrementAndGet() % every() == 0) {
            database.tell(this::clearOut);
        }
        return kept;
    }

    private int put(Connection connection, String key, StoredAnswer answer) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(put)) {
            statement.setString(1, key);
            statement.setLong(2, answer.givenAt());
            statement.setString(3, answer.target());
            statement.setDouble(4, answer.quality());
            statement.setBytes(5, answer.document());
            return statement.executeUpdate();
        }
    }

    /** The number of new answers after which old ones are deleted; the store may exceed its limit by as many. */
    private int every() {
        return Math.max(1, settings.maxEntries() / 10);
    }

    private int clearOut(Connection connection) throws SQLException {
        return delete(connection, TOO_OLD, oldest()) + delete(connection, TOO_MANY, settings.maxEntries());
    }

    private static int delete(Connection connection, String which, long bound) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(which)) {
            statement.setLong(1, bound);
            return statement.executeUpdate();
        }
    }

    private long oldest() {
        return clock.millis() - settings.maxAge().toMillis();
    }

    @Override
    public void close() {
        database.close();
    }
}
