package io.bactrian.queuecrash;

import io.bactrian.testing.Folders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/** The answers that gateways have stored, as their database tells. Stateless. */
final class StoredAnswers {
    private static final String FILE = "answers.mv.db";
    /** SQL states of a table that is not there, in H2 and in PostgreSQL. */
    private static final Set<String> NO_TABLE = Set.of("42S02", "42S03", "42S04", "42P01");

    private StoredAnswers() {}

    /** The ids of the requests whose answers a gateway has in its folder. It must have ended; its own file is not opened. */
    static Set<String> in(Path folder) {
        Path file = folder.resolve("data").resolve(FILE);
        if (!Files.exists(file)) {
            return Set.of();
        }
        Path copies = Folders.temporary("bactrian-answers");
        try {
            Files.copy(file, copies.resolve(FILE));
            return in("jdbc:h2:file:" + copies.resolve("answers"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Folders.delete(copies);
        }
    }

    /** The ids of the requests whose answers are in a database. */
    static Set<String> in(String url) {
        Set<String> ids = new HashSet<>();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select id from bactrian_queue_answers")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
            return ids;
        } catch (SQLException e) {
            if (NO_TABLE.contains(e.getSQLState())) {
                // Its gateway was killed at its first start.
                return ids;
            }
            throw new IllegalStateException(e);
        }
    }
}
