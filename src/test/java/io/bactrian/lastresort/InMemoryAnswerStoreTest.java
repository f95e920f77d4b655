package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.StaleSettings;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class InMemoryAnswerStoreTest extends AnswerStoreContract {

    @Override
    AnswerStore shelf(StaleSettings settings, VirtualClock clock) {
        return new InMemoryAnswerStore(settings, clock);
    }

    @Override
    String store() {
        return "";
    }

    @Test
    void a_long_answer_takes_the_room_of_many() {
        AnswerStore store = shelf(Duration.ofHours(1), 100);
        for (int i = 0; i < 20; i++) {
            store.keep("k" + i, new StoredAnswer(clock.millis(), "t", 1, new byte[640 << 10]));
        }

        await().untilAsserted(() -> assertThat(left(store, 20)).isEqualTo(2));
    }
}
