package io.bactrian.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;

/** The access to a database that several threads share, each with a connection of its own. Thread-safe. */
public final class DatabaseAccess {
    /** The time for which a database is not used after a failure, in milliseconds. */
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 5_000;

    private final String url;
    private final List<String> tables;
    private final DatabaseWarnings warnings;
    private final Clock clock;
    private volatile boolean tried;
    private volatile long restsUntil;
    private volatile int failures;

    /** @param tables the statements that create what is missing */
    public DatabaseAccess(String url, List<String> tables, DatabaseWarnings warnings, Clock clock) {
        this.url = url;
        this.tables = List.copyOf(tables);
        this.warnings = warnings;
        this.clock = clock;
    }

    /** A new connection, to a database that has the tables. */
    synchronized Connection open() throws SQLException {
        try {
            Connection connection = DriverManager.getConnection(url, DatabaseUrl.properties(url));
            try {
                create(connection);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            warnings.settled();
            return connection;
        } finally {
            tried = true;
        }
    }

    private void create(Connection connection) throws SQLException {
        for (String table : tables) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(table);
            } catch (SQLException e) {
                // Another node may have created it at the same moment.
                try (Statement again = connection.createStatement()) {
                    again.execute(table);
                }
            }
        }
    }

    /** Whether it was opened, or could not be. Opening a file for the first time may take seconds. */
    boolean wasTried() {
        return tried;
    }

    /** Whether it is not used, because it failed a moment ago. */
    public boolean rests() {
        return clock.millis() < restsUntil;
    }

    /** Notes that it failed; connections made before are not used again. */
    synchronized void failed(Exception e) {
        failures++;
        restsUntil = clock.millis() + PAUSE_AFTER_FAILURE_MILLIS;
        warnings.about(e);
    }

    /** How often it has failed. */
    int failures() {
        return failures;
    }
}
