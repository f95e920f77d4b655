package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BackgroundWriterTest {
    private final AtomicInteger dropped = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    @Test
    void what_there_is_no_room_for_is_dropped_and_counted() {
        CountDownLatch released = new CountDownLatch(1);
        try (BackgroundWriter background = new BackgroundWriter(dropped::incrementAndGet)) {
            for (int i = 0; i < 100; i++) {
                background.leave(1 << 20, () -> {
                    await().until(() -> released.getCount() == 0);
                    done.incrementAndGet();
                    return true;
                });
            }
            assertThat(dropped.get()).isBetween(30, 40);

            released.countDown();
            await().until(() -> done.get() + dropped.get() == 100);
            background.leave(60 << 20, () -> done.incrementAndGet() > 0);
            await().untilAsserted(() -> assertThat(done.get() + dropped.get()).isEqualTo(101));
            assertThat(dropped.get()).isLessThanOrEqualTo(40);
        }
    }

    @Test
    void what_fails_is_counted_and_gives_its_room_back() {
        try (BackgroundWriter background = new BackgroundWriter(dropped::incrementAndGet)) {
            for (int i = 1; i <= 20; i++) {
                int failed = i;
                background.leave(40 << 20, () -> {
                    throw new IllegalStateException("of itself");
                });
                await().untilAsserted(() -> assertThat(dropped).hasValue(failed));
                background.leave(0, () -> done.incrementAndGet() > 0);
                await().untilAsserted(() -> assertThat(done).hasValue(failed));
            }
        }
    }
}
