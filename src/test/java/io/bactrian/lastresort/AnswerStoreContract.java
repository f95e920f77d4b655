package io.bactrian.lastresort;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.StaleSettings;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of every answer store. */
abstract class AnswerStoreContract {
    private static final Duration HOUR = Duration.ofHours(1);

    final VirtualClock clock = new VirtualClock();
    private final List<AnswerStore> open = new ArrayList<>();

    /** A new answer store over the same storage, which is empty at first. */
    abstract AnswerStore shelf(StaleSettings settings, VirtualClock clock);

    /** The storage, as in the settings. */
    abstract String store();

    final AnswerStore shelf(Duration maxAge, int maxEntries) {
        AnswerStore answerStore = shelf(new StaleSettings(maxAge, maxEntries, store()), clock);
        answerStore.open();
        open.add(answerStore);
        return answerStore;
    }

    @AfterEach
    void close() {
        open.forEach(AnswerStore::close);
    }

    final StoredAnswer kept(String words) {
        return new StoredAnswer(clock.millis(), "openai/gpt", 0.7, ("{\"text\":\"" + words + "\"}").getBytes(UTF_8));
    }

    static String words(StoredAnswer stored) {
        return stored == null ? null : new String(stored.document(), UTF_8);
    }

    @Test
    void what_is_kept_is_found_as_it_was() {
        AnswerStore answerStore = shelf(HOUR, 100);
        assertThat(answerStore.find("a")).isNull();

        assertThat(answerStore.keep("a", kept("Grüße, 骆驼, 🐫"))).isTrue();
        assertThat(answerStore.keep("b", kept("other"))).isTrue();

        StoredAnswer found = answerStore.find("a");
        assertThat(words(found)).isEqualTo("{\"text\":\"Grüße, 骆驼, 🐫\"}");
        assertThat(found.target()).isEqualTo("openai/gpt");
        assertThat(found.quality()).isEqualTo(0.7);
        assertThat(found.givenAt()).isEqualTo(clock.millis());
        assertThat(answerStore.find("c")).isNull();
    }

    @Test
    void a_later_answer_takes_the_place_of_an_earlier_one_and_is_young() {
        AnswerStore answerStore = shelf(HOUR, 100);
        answerStore.keep("a", kept("first"));
        clock.pass(Duration.ofMinutes(50));
        answerStore.keep("a", kept("second"));
        clock.pass(Duration.ofMinutes(50));

        assertThat(words(answerStore.find("a"))).contains("second");
    }

    @Test
    void an_answer_that_is_too_old_is_not_found() {
        AnswerStore answerStore = shelf(HOUR, 100);
        answerStore.keep("a", kept("old"));

        clock.pass(Duration.ofMinutes(59));
        assertThat(answerStore.find("a")).isNotNull();
        clock.pass(Duration.ofMinutes(1));
        assertThat(answerStore.find("a")).isNull();
    }

    @Test
    void of_too_many_answers_the_rest_is_forgotten() {
        AnswerStore answerStore = shelf(HOUR, 20);
        for (int i = 0; i < 100; i++) {
            answerStore.keep("k" + i, kept("answer " + i));
            clock.pass(Duration.ofSeconds(1));
        }

        await().untilAsserted(() -> assertThat(left(answerStore, 100)).isBetween(1L, 22L));
    }

    static long left(AnswerStore answerStore, int of) {
        return IntStream.range(0, of)
                .filter(i -> answerStore.find("k" + i) != null)
                .count();
    }

    @Test
    void the_largest_answer_is_kept() {
        AnswerStore answerStore = shelf(HOUR, 100);
        byte[] large = new byte[StoredAnswer.MAX_BYTES];

        assertThat(answerStore.keep("large", new StoredAnswer(clock.millis(), "t", 1, large)))
                .isTrue();
        assertThat(answerStore.find("large").document()).hasSize(StoredAnswer.MAX_BYTES);
    }

    @Test
    void many_may_write_and_read_at_once() throws Exception {
        AnswerStore answerStore = shelf(HOUR, 10_000);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> writes = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String key = "k" + i % 8;
                writes.add(threads.submit(() -> answerStore.keep(key, kept(key))
                        && words(answerStore.find(key)).contains(key)));
            }
            for (Future<Boolean> write : writes) {
                assertThat(write.get()).isTrue();
            }
        }
        assertThat(left(answerStore, 8)).isEqualTo(8);
    }
}
