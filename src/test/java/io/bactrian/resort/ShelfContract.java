package io.bactrian.resort;

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

/** What every shelf promises. */
abstract class ShelfContract {
    private static final Duration HOUR = Duration.ofHours(1);

    final VirtualClock clock = new VirtualClock();
    private final List<Shelf> open = new ArrayList<>();

    /** A new shelf over the same store, empty at the first time. */
    abstract Shelf shelf(StaleSettings settings, VirtualClock clock);

    /** Where it keeps things, as in the settings. */
    abstract String store();

    final Shelf shelf(Duration maxAge, int maxEntries) {
        Shelf shelf = shelf(new StaleSettings(maxAge, maxEntries, store()), clock);
        shelf.open();
        open.add(shelf);
        return shelf;
    }

    @AfterEach
    void close() {
        open.forEach(Shelf::close);
    }

    final Kept kept(String words) {
        return new Kept(clock.millis(), "openai/gpt", 0.7, ("{\"text\":\"" + words + "\"}").getBytes(UTF_8));
    }

    static String words(Kept kept) {
        return kept == null ? null : new String(kept.document(), UTF_8);
    }

    @Test
    void what_is_kept_is_found_as_it_was() {
        Shelf shelf = shelf(HOUR, 100);
        assertThat(shelf.find("a")).isNull();

        assertThat(shelf.keep("a", kept("Grüße, 骆驼, 🐫"))).isTrue();
        assertThat(shelf.keep("b", kept("other"))).isTrue();

        Kept found = shelf.find("a");
        assertThat(words(found)).isEqualTo("{\"text\":\"Grüße, 骆驼, 🐫\"}");
        assertThat(found.target()).isEqualTo("openai/gpt");
        assertThat(found.quality()).isEqualTo(0.7);
        assertThat(found.givenAt()).isEqualTo(clock.millis());
        assertThat(shelf.find("c")).isNull();
    }

    @Test
    void a_later_answer_takes_the_place_of_an_earlier_one_and_is_young() {
        Shelf shelf = shelf(HOUR, 100);
        shelf.keep("a", kept("first"));
        clock.pass(Duration.ofMinutes(50));
        shelf.keep("a", kept("second"));
        clock.pass(Duration.ofMinutes(50));

        assertThat(words(shelf.find("a"))).contains("second");
    }

    @Test
    void an_answer_that_is_too_old_is_not_found() {
        Shelf shelf = shelf(HOUR, 100);
        shelf.keep("a", kept("old"));

        clock.pass(Duration.ofMinutes(59));
        assertThat(shelf.find("a")).isNotNull();
        clock.pass(Duration.ofMinutes(1));
        assertThat(shelf.find("a")).isNull();
    }

    @Test
    void of_too_many_answers_the_rest_is_forgotten() {
        Shelf shelf = shelf(HOUR, 20);
        for (int i = 0; i < 100; i++) {
            shelf.keep("k" + i, kept("answer " + i));
            clock.pass(Duration.ofSeconds(1));
        }

        await().untilAsserted(() -> assertThat(left(shelf, 100)).isBetween(1L, 22L));
    }

    static long left(Shelf shelf, int of) {
        return IntStream.range(0, of).filter(i -> shelf.find("k" + i) != null).count();
    }

    @Test
    void the_largest_answer_is_kept() {
        Shelf shelf = shelf(HOUR, 100);
        byte[] large = new byte[Kept.LARGEST];

        assertThat(shelf.keep("large", new Kept(clock.millis(), "t", 1, large))).isTrue();
        assertThat(shelf.find("large").document()).hasSize(Kept.LARGEST);
    }

    @Test
    void many_may_write_and_read_at_once() throws Exception {
        Shelf shelf = shelf(HOUR, 10_000);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> writes = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                String key = "k" + i % 8;
                writes.add(threads.submit(() ->
                        shelf.keep(key, kept(key)) && words(shelf.find(key)).contains(key)));
            }
            for (Future<Boolean> write : writes) {
                assertThat(write.get()).isTrue();
            }
        }
        assertThat(left(shelf, 8)).isEqualTo(8);
    }
}
