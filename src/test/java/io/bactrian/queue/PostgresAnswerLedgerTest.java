package io.bactrian.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Postgres;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PostgresAnswerLedgerTest extends AnswerLedgerContract {
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
        execute("drop table if exists bactrian_queue_answers");
    }

    @Override
    String url() {
        return server.url();
    }

    @Test
    void nodes_share_it() {
        JdbcAnswerLedger one = ledger();
        JdbcAnswerLedger other = ledger();

        one.store("a", BODY, reply("words"));

        assertThat(words(other.find("a", BODY))).isEqualTo("words");
    }

    @Test
    void connections_that_are_cut_are_made_again_after_a_rest() throws SQLException {
        JdbcAnswerLedger ledger = ledger();
        ledger.store("a", BODY, reply("words"));
        execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                + " and backend_type = 'client backend'");

        await().until(() -> {
            clock.pass(Duration.ofSeconds(6));
            ledger.store("b", BODY, reply("more"));
            return ledger.find("b", BODY) != null;
        });
        assertThat(words(ledger.find("a", BODY))).isEqualTo("words");
    }
}
