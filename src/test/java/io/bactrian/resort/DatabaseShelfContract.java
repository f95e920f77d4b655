package io.bactrian.resort;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.StaleSettings;
import io.bactrian.testing.VirtualClock;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What every shelf in a database promises beside. */
abstract class DatabaseShelfContract extends ShelfContract {
    private static final Duration HOUR = Duration.ofHours(1);

    @Override
    final Shelf shelf(StaleSettings settings, VirtualClock clock) {
        return new DatabaseShelf(settings, clock);
    }

    final int rows() throws SQLException {
        try (Connection connection = DriverManager.getConnection(store());
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("select count(*) from bactrian_stale")) {
            count.next();
            return count.getInt(1);
        }
    }

    final void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(store());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void it_outlives_the_process() {
        Shelf before = shelf(HOUR, 100);
        before.keep("a", kept("words"));
        before.close();

        assertThat(words(shelf(HOUR, 100).find("a"))).contains("words");
    }

    @Test
    void old_rows_are_cleared_out_at_the_start() throws SQLException {
        Shelf before = shelf(HOUR, 100);
        before.keep("a", kept("old"));
        before.close();
        clock.pass(Duration.ofHours(2));

        Shelf after = shelf(HOUR, 100);
        after.keep("b", kept("young"));
        after.close();

        assertThat(rows()).isOne();
    }

    @Test
    void a_table_that_is_gone_is_made_again() throws SQLException {
        Shelf shelf = shelf(HOUR, 100);
        shelf.keep("a", kept("words"));
        execute("drop table bactrian_stale");

        assertThat(shelf.find("a")).isNull();
        clock.pass(Duration.ofSeconds(6));

        assertThat(shelf.keep("b", kept("more"))).isTrue();
        assertThat(words(shelf.find("b"))).contains("more");
    }
}
