package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LoginLimitTest {
    private final VirtualClock clock = new VirtualClock();
    private final LoginLimit limit = new LoginLimit(clock);

    @Test
    void wrong_keys_of_one_address_wait_longer_each_time() {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            waits.add(limit.waitMillis("a"));
            clock.pass(Duration.ofMillis(limit.waitMillis("a")));
            limit.wrong("a");
        }
        assertThat(waits).containsExactly(0L, 0L, 0L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L);
        assertThat(limit.waitMillis("b")).isZero();
    }

    @Test
    void a_right_key_and_time_make_forget() {
        for (int i = 0; i < 5; i++) {
            limit.wrong("a");
            limit.wrong("b");
        }
        limit.right("a");
        assertThat(limit.waitMillis("a")).isZero();
        clock.pass(Duration.ofMinutes(16));
        limit.wrong("b");
        assertThat(limit.waitMillis("b")).isZero();
    }

    @Test
    void all_addresses_together_have_a_limit_each_minute() {
        for (int i = 0; i < LoginLimit.ALL_PER_MINUTE; i++) {
            assertThat(limit.waitMillis("new")).isZero();
            limit.wrong("address " + i);
        }
        assertThat(limit.waitMillis("new")).isBetween(1L, 60_000L);
        clock.pass(Duration.ofMinutes(1));
        assertThat(limit.waitMillis("new")).isZero();
    }
}
