package io.bactrian.lastresort;

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

/** The additional contract of every answer store in a database. */
abstract class JdbcAnswerStoreContract extends AnswerStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);

    @Override
    final AnswerStore shelf(StaleSettings settings, VirtualClock clock) {
        return new JdbcAnswerStore(settings, clock);
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
        AnswerStore before = shelf(HOUR, 100);
        before.keep("a", kept("words"));
        before.close();

        assertThat(words(shelf(HOUR, 100).find("a"))).contains("words");
    }

    @Test
    void old_rows_are_cleared_out_at_the_start() throws SQLException {
        AnswerStore before = shelf(HOUR, 100);
        before.keep("a", kept("old"));
        before.close();
        clock.pass(Duration.ofHours(2));

        AnswerStore after = shelf(HOUR, 100);
        after.keep("b", kept("young"));
        after.close();

        assertThat(rows()).isOne();
    }

    @Test
    void a_table_that_is_gone_is_made_again() throws SQLException {
        AnswerStore store = shelf(HOUR, 100);
        store.keep("a", kept("words"));
        execute("drop table bactrian_stale");

        assertThat(store.find("a")).isNull();
        clock.pass(Duration.ofSeconds(6));

        assertThat(store.keep("b", kept("more"))).isTrue();
        assertThat(words(store.find("b"))).contains("more");
    }
}
