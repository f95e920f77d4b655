package io.bactrian.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.VirtualClock;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private final Clock clock = Clock.systemUTC();
    private final Watchdog watchdog = new Watchdog(clock);
    private final List<Long> expired = new CopyOnWriteArrayList<>();
    private final Watchdog.Watch watch = watchdog.watch(() -> expired.add(clock.millis()));

    @AfterEach
    void close() {
        watchdog.close();
    }

    @Test
    void limit_ends_what_takes_too_long_and_not_before() {
        long limit = clock.millis() + 100;
        watch.until(limit);

        await().atMost(SOON).untilAsserted(() -> assertThat(expired).hasSize(1));
        assertThat(expired.get(0)).isGreaterThanOrEqualTo(limit);
    }

    @Test
    void a_limit_that_passed_while_the_process_was_stopped_leaves_time_to_read_what_came() {
        VirtualClock jumping = new VirtualClock();
        Watchdog dog = new Watchdog(jumping);
        AtomicInteger ended = new AtomicInteger();
        try {
            Watchdog.Watch late = dog.watch(ended::incrementAndGet);
            late.until(jumping.millis() + 100);
            jumping.pass(Duration.ofHours(1));
            await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> ended.get() == 0);

            jumping.pass(Duration.ofSeconds(1));
            await().atMost(SOON).until(() -> ended.get() == 1);
        } finally {
            dog.close();
        }
    }

    @Test
    void nothing_happens_before_a_limit_is_set() {
        await().during(Duration.ofMillis(100)).atMost(SOON).until(expired::isEmpty);
    }

    @Test
    void limit_that_is_moved_ahead_is_kept() {
        long start = clock.millis();
        watch.until(start + 50);
        watch.until(start + 250);

        await().atMost(SOON).untilAsserted(() -> assertThat(expired).hasSize(1));
        assertThat(expired.get(0)).isGreaterThanOrEqualTo(start + 250);
    }

    @Test
    void limit_that_comes_nearer_is_kept() {
        watch.until(clock.millis() + 60_000);
        watch.until(clock.millis() + 50);

        await().atMost(SOON).untilAsserted(() -> assertThat(expired).hasSize(1));
    }

    @Test
    void limit_may_come_nearer_and_move_ahead_again() {
        long start = clock.millis();
        watch.until(start + 60_000);
        watch.until(start + 50);
        watch.until(start + 200);

        await().atMost(SOON).untilAsserted(() -> assertThat(expired).hasSize(1));
        assertThat(expired.get(0)).isGreaterThanOrEqualTo(start + 200);
    }

    @Test
    void limit_that_has_passed_expires_at_once() {
        watch.until(clock.millis() - 1_000);

        await().atMost(SOON).untilAsserted(() -> assertThat(expired).hasSize(1));
    }

    @Test
    void it_expires_once() {
        watch.until(clock.millis());
        await().atMost(SOON).until(() -> !expired.isEmpty());
        watch.until(clock.millis());

        await().during(Duration.ofMillis(100)).atMost(SOON).until(() -> expired.size() == 1);
    }

    @Test
    void stopped_watch_never_expires() {
        watch.until(clock.millis() + 60);
        watch.stop();
        watch.until(clock.millis() + 20);
        watch.stop();

        await().during(Duration.ofMillis(200)).atMost(SOON).until(expired::isEmpty);
    }

    @Test
    void repeating_watch_expires_as_often_as_it_is_set_again() {
        AtomicInteger times = new AtomicInteger();
        AtomicReference<Watchdog.Watch> self = new AtomicReference<>();
        self.set(watchdog.repeating(() -> {
            if (times.incrementAndGet() < 3) {
                self.get().until(clock.millis() + 20);
            }
        }));
        self.get().until(clock.millis() + 20);

        await().atMost(SOON).until(() -> times.get() == 3);
        await().during(Duration.ofMillis(100)).atMost(SOON).until(() -> times.get() == 3);
        self.get().until(clock.millis() + 20);
        await().atMost(SOON).until(() -> times.get() == 4);
    }

    @Test
    void stopped_repeating_watch_never_expires_again() {
        AtomicInteger times = new AtomicInteger();
        AtomicReference<Watchdog.Watch> self = new AtomicReference<>();
        self.set(watchdog.repeating(() -> {
            times.incrementAndGet();
            self.get().until(clock.millis() + 20);
        }));
        self.get().until(clock.millis());
        await().atMost(SOON).until(() -> times.get() > 1);

        self.get().stop();
        int before = times.get();
        await().during(Duration.ofMillis(150)).atMost(SOON).until(() -> times.get() <= before + 1);
    }
}
