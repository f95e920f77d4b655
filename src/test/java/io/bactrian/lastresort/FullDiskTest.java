package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.StaleSettings;
import io.bactrian.testing.VirtualClock;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose disk is full for a while. */
final class FullDiskTest {
    private static final byte[] ANSWER = {'{', '}'};

    @TempDir
    private Path folder;

    private final VirtualClock clock = new VirtualClock();

    @AfterEach
    void room() {
        FullDisk.full = false;
    }

    @Test
    void answers_are_kept_again_once_there_is_room() {
        FullDisk.register();
        String url = "jdbc:h2:fulldisk:" + folder.resolve("stale");
        try (JdbcAnswerStore store = new JdbcAnswerStore(new StaleSettings(Duration.ofDays(1), 100, url), clock)) {
            await().atMost(Duration.ofSeconds(30)).until(() -> keepLater(store, "before"));

            FullDisk.full = true;
            // H2 writes in the background, too.
            await().atMost(Duration.ofSeconds(30)).until(() -> !keepLater(store, "lost"));

            FullDisk.full = false;
            await().atMost(Duration.ofSeconds(30)).until(() -> keepLater(store, "after"));
            assertThat(store.find("after")).isNotNull();
        }
    }

    private boolean keepLater(AnswerStore store, String key) {
        clock.pass(Duration.ofSeconds(6));
        return keep(store, key);
    }

    private boolean keep(AnswerStore store, String key) {
        return store.keep(key, new StoredAnswer(clock.millis(), "p/m", 1, ANSWER));
    }
}
