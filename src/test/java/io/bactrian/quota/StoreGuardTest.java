package io.bactrian.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.bactrian.database.DatabaseWarnings;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.VirtualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

final class StoreGuardTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String LOGGER = "bactrian.limits";

    @RegisterExtension
    final LogCapture log = LogCapture.of(LOGGER);

    private final VirtualClock clock = new VirtualClock();
    private final Door door = new Door();
    private final AtomicInteger shared = new AtomicInteger();
    private final AtomicInteger own = new AtomicInteger();
    private final StoreGuard guard = new StoreGuard(
            door,
            new DatabaseWarnings(
                    LoggerFactory.getLogger(LOGGER), "redis://u:hush@h", "callers' limits", "alone until then", clock),
            clock,
            answered -> (answered ? shared : own).incrementAndGet());

    /** A store that has nothing in it, and can be opened or not. */
    private static final class Door implements QuotaStore {
        volatile boolean closed;
        final AtomicInteger sweeps = new AtomicInteger();

        @Override
        public void open() throws IOException {
            if (closed) {
                throw new IOException("refused by h with hush");
            }
        }

        @Override
        public State read(String key) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Change replace(String key, State expected, byte[] bytes, long fullIn) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sweep() {
            sweeps.incrementAndGet();
        }

        @Override
        public void close() {}
    }

    @Test
    void a_store_is_asked_when_it_is_open_and_swept_now_and_then() {
        assertThat(guard.<Integer>ask(() -> 1)).isNull();
        guard.open(SOON);
        assertThat(guard.<Integer>ask(() -> 1)).isOne();
        assertThat(own).hasValue(1);
        assertThat(shared).hasValue(1);
        await().atMost(SOON).until(() -> door.sweeps.get() == 1);
        clock.pass(Duration.ofMinutes(1));
        await().atMost(SOON).until(() -> door.sweeps.get() == 2);
        assertThat(log.events()).isEmpty();
    }

    @Test
    void after_a_failure_it_is_not_asked_until_it_is_found_again_and_both_are_told_once() {
        guard.open(SOON);
        door.closed = true;
        for (int i = 0; i < 50; i++) {
            assertThat(guard.<Integer>ask(() -> {
                        throw new IOException("refused by h with hush");
                    }))
                    .isNull();
        }
        assertThat(log.events()).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN);
        assertThat(log.lines().getFirst())
                .contains("callers' limits (Redis)", "alone until then", "refused by h")
                .doesNotContain("hush");

        door.closed = false;
        await().atMost(SOON).until(() -> guard.<Integer>ask(() -> 1) != null);
        assertThat(log.events()).hasSize(1);
        clock.pass(Duration.ofSeconds(6));
        await().atMost(SOON).until(() -> log.events().size() == 2);
        assertThat(log.lines().getLast()).contains("works again");
    }

    /** A question that is never answered. */
    private static Callable<Integer> silent(AtomicInteger asked) {
        CountDownLatch never = new CountDownLatch(1);
        return () -> {
            asked.incrementAndGet();
            never.await();
            return 1;
        };
    }

    @Test
    void one_that_does_not_answer_is_left_alone_after_three_questions_in_a_row() {
        guard.open(SOON);
        AtomicInteger asked = new AtomicInteger();
        Callable<Integer> silent = silent(asked);
        door.closed = true;
        for (int i = 0; i < 10; i++) {
            assertThat(guard.ask(silent)).isNull();
            clock.pass(Duration.ofSeconds(1));
        }
        assertThat(asked).hasValue(3);
        assertThat(log.lines()).singleElement().asString().contains("no answer within 200 ms");
    }

    @Test
    void a_request_waits_for_one_of_its_questions_only() {
        guard.open(SOON);
        AtomicInteger asked = new AtomicInteger();
        Callable<Integer> silent = silent(asked);
        for (int i = 0; i < 5; i++) {
            assertThat(guard.ask(silent)).isNull();
            assertThat(guard.isUp()).isFalse();
        }
        assertThat(asked).hasValue(1);
        clock.pass(Duration.ofSeconds(1));
        assertThat(guard.isUp()).isTrue();
        assertThat(log.events()).as("a moment is not worth a word").isEmpty();
    }

    @Test
    void two_questions_of_a_request_that_are_open_at_once_count_as_one() {
        guard.open(SOON);
        Callable<Integer> silent = silent(new AtomicInteger());
        for (int i = 0; i < 2; i++) {
            StoreGuard.Question<Integer> first = guard.begin(silent);
            StoreGuard.Question<Integer> second = guard.begin(silent);
            assertThat(first.answer()).isNull();
            assertThat(second.answer()).isNull();
            clock.pass(Duration.ofSeconds(1));
        }
        assertThat(guard.isUp()).isTrue();
        assertThat(own).hasValue(4);
        assertThat(log.events()).isEmpty();
    }

    @Test
    void an_answer_of_before_is_used_in_a_pause() {
        guard.open(SOON);
        StoreGuard.Question<Integer> answered = guard.begin(() -> 1);
        await().atMost(SOON).until(() -> guard.<Integer>ask(() -> 2) != null);
        assertThat(guard.ask(silent(new AtomicInteger()))).isNull();
        assertThat(guard.isUp()).isFalse();
        assertThat(answered.answer()).isOne();
    }

    @Test
    void a_store_that_cannot_be_opened_is_told_once_and_opened_later() {
        door.closed = true;
        guard.open(SOON);
        assertThat(guard.<Integer>ask(() -> 1)).isNull();
        assertThat(log.events()).hasSize(1);
        door.closed = false;
        await().atMost(SOON).until(() -> guard.<Integer>ask(() -> 1) != null);
    }

    @AfterEach
    void close() {
        guard.close();
    }
}
