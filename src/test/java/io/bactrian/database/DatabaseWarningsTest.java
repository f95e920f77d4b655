package io.bactrian.database;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.testing.VirtualClock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class DatabaseWarningsTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(DatabaseWarnings.class);
    private final VirtualClock clock = new VirtualClock();

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void the_first_cause_is_told_once_a_minute() {
        DatabaseWarnings warnings =
                new DatabaseWarnings("jdbc:postgresql://db/x", "the stale step", "the step is skipped", clock);
        Exception e = new IllegalStateException("timed out", new SQLException("Connection refused\nand more", "08001"));

        warnings.about(e);
        clock.pass(Duration.ofSeconds(59));
        warnings.about(e);
        assertThat(lines())
                .containsExactly("The database of the stale step (PostgreSQL) fails; the step is skipped:"
                        + " SQLException 08001: Connection refused");

        clock.pass(Duration.ofSeconds(1));
        warnings.about(e);
        assertThat(lines()).hasSize(2);
    }

    @Test
    void that_it_works_again_is_told_only_after_a_complaint() {
        DatabaseWarnings warnings = new DatabaseWarnings("jdbc:h2:./x", "the stale step", "the step is skipped", clock);

        warnings.settled();
        assertThat(lines()).isEmpty();
        warnings.about(new SQLException("no"));
        warnings.settled();
        warnings.settled();
        warnings.about(new SQLException("no"));

        assertThat(log.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN, Level.INFO, Level.WARN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://db/x?user=u&password=pa%24%24word",
                "jdbc:postgresql://db/x?password=pa$$word&user=u",
                "jdbc:h2:./x;USER=u;PASSWORD=pa$$word",
                "jdbc:postgresql://db/x?sslpassword=pa%24%24word"
            })
    void a_secret_of_the_url_is_never_told(String url) {
        DatabaseWarnings warnings = new DatabaseWarnings(url, "the stale step", "the step is skipped", clock);

        warnings.about(new SQLException("wrong password pa$$word for u"));
        clock.pass(Duration.ofMinutes(1));
        warnings.about(new SQLException("cannot open " + url));

        assertThat(lines()).hasSize(2).allSatisfy(line -> assertThat(line).doesNotContain("$$word", "%24", "db/x"));
        assertThat(lines().getFirst()).endsWith("wrong password *** for u");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:/dev/null/stale",
                "jdbc:h2:file:/dev/null/stale;MODE=REGULAR",
                "jdbc:h2:file:/dev/null/./new/../stale"
            })
    void a_folder_that_cannot_be_written_to_is_named_with_what_to_do(String url) {
        DatabaseWarnings warnings = new DatabaseWarnings(url, "the stale step", "the step is skipped", clock)
                .placed(url, "bactrian.stale.store");

        warnings.about(new SQLException("General error: FileNotFoundException", "90028"));

        assertThat(lines())
                .containsExactly("The database of the stale step (H2) fails; the step is skipped: cannot write to the"
                        + " folder /dev/null; allow it, or set bactrian.stale.store to another place");
    }

    @Test
    void a_folder_that_can_be_written_to_or_made_is_not_blamed(@TempDir Path folder) {
        for (String url : List.of(
                "jdbc:h2:" + folder + "/stale",
                "jdbc:h2:file:" + folder + "/new/newer/stale;MODE=REGULAR",
                "jdbc:h2:mem:stale",
                "jdbc:postgresql://db/x")) {
            assertThat(DatabaseUrl.unwritableFolder(url)).isNull();
        }
    }
}
