package io.bactrian.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.VirtualClock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of a ledger, whatever the database. */
abstract class AnswerLedgerContract {
    static final byte[] BODY = "a question".getBytes(UTF_8);
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    Path folder;

    final VirtualClock clock = new VirtualClock();
    private final List<JdbcAnswerLedger> opened = new ArrayList<>();

    abstract String url();

    final JdbcAnswerLedger ledger() {
        JdbcAnswerLedger ledger =
                new JdbcAnswerLedger(url(), DAY, new InFlightFile(folder.resolve("in-flight"), clock), clock);
        opened.add(ledger);
        return ledger;
    }

    @AfterEach
    void close() {
        opened.forEach(JdbcAnswerLedger::close);
    }

    static StoredReply reply(String words) {
        return new StoredReply(words.getBytes(UTF_8), Map.of("BactrianStatus", "200", "BactrianTarget", "p/é"));
    }

    static String words(StoredReply reply) {
        return reply == null ? null : new String(reply.body(), UTF_8);
    }

    final void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    final int rows() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("select count(*) from bactrian_queue_answers")) {
            count.next();
            return count.getInt(1);
        }
    }

    @Test
    final void a_reply_that_was_stored_is_found_with_its_properties() {
        JdbcAnswerLedger ledger = ledger();
        assertThat(ledger.find("a", BODY)).isNull();

        ledger.store("a", BODY, reply("words"));

        assertThat(words(ledger.find("a", BODY))).isEqualTo("words");
        assertThat(ledger.find("a", BODY).properties()).isEqualTo(reply("").properties());
        assertThat(ledger.find("b", BODY)).isNull();
    }

    @Test
    final void another_body_with_the_same_id_is_another_request() {
        JdbcAnswerLedger ledger = ledger();
        ledger.store("a", BODY, reply("words"));

        assertThat(ledger.find("a", "another question".getBytes(UTF_8))).isNull();
    }

    @Test
    final void it_outlives_the_process() {
        JdbcAnswerLedger before = ledger();
        before.store("a", BODY, reply("words"));
        before.close();

        assertThat(words(ledger().find("a", BODY))).isEqualTo("words");
    }

    @Test
    final void ids_may_be_long_and_strange() {
        JdbcAnswerLedger ledger = ledger();
        for (String id : List.of("x".repeat(5_000), "x".repeat(5_001), "a\0b", "é'\"; drop table")) {
            ledger.store(id, BODY, reply(id));

            assertThat(words(ledger.find(id, BODY))).isEqualTo(id);
        }
    }

    @Test
    final void a_reply_of_ten_megabytes_is_found_whole() {
        JdbcAnswerLedger ledger = ledger();
        String words = "0123456789".repeat(1_000_000);

        ledger.store("large", BODY, reply(words));

        assertThat(ledger.find("large", BODY).body()).isEqualTo(words.getBytes(UTF_8));
    }

    @Test
    final void many_threads_store_and_find_at_once() {
        JdbcAnswerLedger ledger = ledger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 500)
                    .forEach(
                            i -> threads.execute(() -> ledger.store("id-" + i % 400, BODY, reply("words " + i % 400))));
        }

        for (int i = 0; i < 400; i++) {
            assertThat(words(ledger.find("id-" + i, BODY))).isEqualTo("words " + i);
        }
    }

    @Test
    final void replies_are_not_found_after_their_time_and_deleted() throws SQLException {
        JdbcAnswerLedger ledger = ledger();
        IntStream.range(0, 3).forEach(i -> ledger.store("old-" + i, BODY, reply("words")));
        clock.pass(DAY.plusSeconds(1));

        assertThat(ledger.find("old-1", BODY)).isNull();
        ledger.store("young", BODY, reply("words"));

        await().until(() -> rows() == 1);
        assertThat(words(ledger.find("young", BODY))).isEqualTo("words");
    }

    @Test
    final void a_table_that_is_gone_is_made_again() throws SQLException {
        JdbcAnswerLedger ledger = ledger();
        ledger.store("a", BODY, reply("words"));
        execute("drop table bactrian_queue_answers");

        assertThat(ledger.find("a", BODY)).isNull();
        clock.pass(Duration.ofSeconds(6));
        ledger.store("b", BODY, reply("more"));

        assertThat(words(ledger.find("b", BODY))).isEqualTo("more");
    }
}
