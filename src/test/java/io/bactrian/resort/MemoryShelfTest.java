package io.bactrian.resort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.StaleSettings;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class MemoryShelfTest extends ShelfContract {

    @Override
    Shelf shelf(StaleSettings settings, VirtualClock clock) {
        return new MemoryShelf(settings, clock);
    }

    @Override
    String store() {
        return "";
    }

    @Test
    void a_long_answer_takes_the_room_of_many() {
        Shelf shelf = shelf(Duration.ofHours(1), 100);
        for (int i = 0; i < 20; i++) {
            shelf.keep("k" + i, new Kept(clock.millis(), "t", 1, new byte[640 << 10]));
        }

        await().untilAsserted(() -> assertThat(left(shelf, 20)).isEqualTo(2));
    }
}
