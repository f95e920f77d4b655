package io.bactrian.queue;

import io.bactrian.database.DatabaseAccess;
import io.bactrian.database.DatabaseUrl;
import io.bactrian.database.DatabaseWarnings;
import io.bactrian.database.GroupThread;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The replies in a database, written by one thread and looked up by another, each in groups; the requests in flight in a file.
 * While the database is away, replies are neither stored nor found. Thread-safe.
 */
final class JdbcAnswerLedger implements AnswerLedger, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** A file is never away; a machine that is busy may need a moment. */
    private static final Duration PATIENCE_WITH_A_FILE = Duration.ofSeconds(5);

    private static final int MAX_ID = 200;
    private static final int DELETED_AT_ONCE = 500;
    private static final long BETWEEN_DELETIONS_MILLIS = 60_000;
    private static final long HOUR_MILLIS = 3_600_000;

    private final AnswerTable table;
    private final Duration keep;
    private final Duration patience;
    private final InFlightFile inFlight;
    private final Clock clock;
    private final GroupThread<Write> writer;
    private final GroupThread<Search> reader;
    /** Epoch milliseconds. Belongs to the thread of the writer. */
    private long deletesAt;

    /**
     * @param url a JDBC URL
     * @param keep the time for which a reply is kept
     * @param inFlight not closed with the ledger
     */
    JdbcAnswerLedger(String url, Duration keep, InFlightFile inFlight, Clock clock) {
        this.table = new AnswerTable(DatabaseUrl.isH2(url));
        this.keep = keep;
        this.patience = DatabaseUrl.isH2(url) ? PATIENCE_WITH_A_FILE : PATIENCE;
        this.inFlight = inFlight;
        this.clock = clock;
        DatabaseAccess access = new DatabaseAccess(
                url,
                table.creation(),
                new DatabaseWarnings(
                                url,
                                "the queue's answers",
                                "a request that is delivered again may be sent to a provider again",
                                clock)
                        .placed(url, "bactrian.queue.directory or bactrian.queue.store"),
                clock);
        writer = new GroupThread<>("queue-store", access, this::write);
        reader = new GroupThread<>("queue-find", access, this::search);
    }

    private static final class Write extends GroupThread.Job {
        private final AnswerTable.Row row;

        Write(AnswerTable.Row row) {
            super(row.reply().body().length);
            this.row = row;
        }
    }

    private static final class Search extends GroupThread.Job {
        private final String id;
        private volatile AnswerTable.@Nullable Row found;

        Search(String id) {
            super(0);
            this.id = id;
        }
    }

    /** Opens the database, without waiting for it. */
    void open() {
        inFlight.open();
        writer.start();
        reader.start();
    }

    @Override
    public @Nullable StoredReply find(String id, byte[] bodyHash) {
        Search search = new Search(key(id));
        if (!reader.does(search, patience)) {
            return null;
        }
        AnswerTable.Row row = search.found;
        return row != null && Arrays.equals(row.bodyHash(), bodyHash) ? row.reply() : null;
    }

    @Override
    public void store(String id, byte[] bodyHash, StoredReply reply) {
        writer.does(new Write(new AnswerTable.Row(key(id), bodyHash, clock.millis(), reply)), patience);
    }

    @Override
    public int started(String id) {
        return inFlight.started(id);
    }

    @Override
    public void ended(String id) {
        inFlight.ended(id);
    }

    private long search(Connection connection, List<Search> jobs) throws SQLException {
        if (!jobs.isEmpty()) {
            Set<String> ids = new LinkedHashSet<>();
            for (Search job : jobs) {
                ids.add(job.id);
            }
            Map<String, AnswerTable.Row> found = table.find(connection, ids, oldest());
            if (!found.isEmpty()) {
                for (Search job : jobs) {
                    job.found = found.get(job.id);
                }
            }
        }
        return HOUR_MILLIS;
    }

    private long write(Connection connection, List<Write> jobs) throws SQLException {
        if (connection.getAutoCommit()) {
            connection.setAutoCommit(false);
        }
        if (!jobs.isEmpty()) {
            List<AnswerTable.Row> rows = new ArrayList<>(jobs.size());
            for (Write job : jobs) {
                rows.add(job.row);
            }
            table.put(connection, rows);
            connection.commit();
        }
        return deletesAt - clock.millis() > 0 ? deletesAt - clock.millis() : delete(connection);
    }

    /** Deletes some of the replies that are too old; returns milliseconds until the next time. */
    private long delete(Connection connection) throws SQLException {
        int deleted = table.delete(connection, oldest(), DELETED_AT_ONCE);
        connection.commit();
        long pause = deleted < DELETED_AT_ONCE ? BETWEEN_DELETIONS_MILLIS : 1;
        deletesAt = clock.millis() + pause;
        return pause;
    }

    private long oldest() {
        return clock.millis() - keep.toMillis();
    }

    /** The key of an id: the id itself, unless a database cannot have it. */
    private static String key(String id) {
        return id.length() <= MAX_ID && id.indexOf('\0') < 0
                ? id
                : "sha256-" + HexFormat.of().formatHex(Sha256.of(id));
    }

    @Override
    public void close() {
        writer.close();
        reader.close();
    }
}
