package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Postgres;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PostgresAnswerStoreTest extends JdbcAnswerStoreContract {
    private static Postgres server;

    @BeforeAll
    static void start() {
        server = Postgres.start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void clean() throws SQLException {
        execute("drop table if exists bactrian_stale");
    }

    @Override
    String store() {
        return server.url();
    }

    @Test
    void nodes_share_it() {
        AnswerStore one = shelf(Duration.ofHours(1), 100);
        AnswerStore other = shelf(Duration.ofHours(1), 100);

        one.keep("a", kept("of one"));
        assertThat(words(other.find("a"))).contains("of one");
        other.keep("a", kept("of the other"));
        assertThat(words(one.find("a"))).contains("of the other");
    }
}
