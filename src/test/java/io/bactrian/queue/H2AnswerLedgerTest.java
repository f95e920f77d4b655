package io.bactrian.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.LogCapture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class H2AnswerLedgerTest extends AnswerLedgerContract {

    @Override
    String url() {
        return AnswerLedgers.tuned("jdbc:h2:" + folder.resolve("answers"));
    }

    @Test
    void what_was_stored_survives_a_kill() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "-XX:TieredStopAtLevel=1",
                        Child.class.getName(),
                        url(),
                        folder.resolve("in-flight").toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        int stored = 0;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
            while (stored < 200 && out.readLine() != null) {
                stored++;
            }
            child.destroyForcibly().waitFor();
        }
        assertThat(stored).isEqualTo(200);

        JdbcAnswerLedger ledger = ledger();

        for (int i = 0; i < stored; i++) {
            assertThat(words(ledger.find("id-" + i, BODY))).isEqualTo("words " + i);
        }
        assertThat(ledger.started("poison")).isOne();
        assertThat(ledger.started("id-0")).isZero();
    }

    /** A process that stores replies one by one, and says so, until it is killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            Clock clock = Clock.systemUTC();
            JdbcAnswerLedger ledger = new JdbcAnswerLedger(
                    arguments[0], Duration.ofDays(1_000_000), new InFlightFile(Path.of(arguments[1]), clock), clock);
            ledger.started("poison");
            for (int i = 0; ; i++) {
                ledger.started("id-" + i);
                ledger.store("id-" + i, BODY, reply("words " + i));
                ledger.ended("id-" + i);
                System.out.println("stored " + i);
            }
        }
    }

    @Test
    void a_folder_that_cannot_be_used_is_said_once_and_costs_the_store_only() throws IOException {
        Path file = Files.writeString(folder.resolve("no-folder"), "");
        try (LogCapture log = LogCapture.open("io.bactrian.database.DatabaseWarnings");
                JdbcAnswerLedger ledger = new JdbcAnswerLedger(
                        "jdbc:h2:" + file.resolve("answers"),
                        Duration.ofDays(1),
                        new InFlightFile(file.resolve("in-flight"), clock),
                        clock)) {
            ledger.store("a", BODY, reply("words"));
            ledger.store("a", BODY, reply("words"));

            assertThat(ledger.find("a", BODY)).isNull();
            assertThat(ledger.started("a")).isZero();
            assertThat(ledger.started("a")).isOne();
            assertThat(log.lines().stream().filter(line -> line.contains("no-folder")))
                    .singleElement()
                    .asString()
                    .startsWith(
                            "The database of the queue's answers (H2) fails; a request that is delivered again may");
        }
    }
}
