package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.Observation.Fallback;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The counts of the last ten minutes. */
final class MinuteRingTest {
    private static final Fallback A_TO_B = new Fallback("a", "b", "TIMEOUT");
    private static final Fallback A_TO_C = new Fallback("a", "c", "OVERLOADED");

    private final MinuteRing ring = new MinuteRing();
    private long now = 1_800_000_000_000L;

    @Test
    void requests_and_fallbacks_are_counted_with_the_most_frequent_way() {
        ring.request(now);
        ring.fallback(A_TO_B, now);
        pass(Duration.ofMinutes(3));
        ring.fallback(A_TO_C, now);
        ring.fallback(A_TO_C, now);

        assertThat(ring.sum(now)).isEqualTo(new MinuteRing.Sum(4, 3, A_TO_C, 1.0));
    }

    @Test
    void what_is_older_than_ten_minutes_counts_no_more() {
        ring.fallback(A_TO_B, now);
        pass(Duration.ofMinutes(9));
        assertThat(ring.sum(now).requests()).isEqualTo(1);

        pass(Duration.ofMinutes(1));
        assertThat(ring.sum(now)).isEqualTo(new MinuteRing.Sum(0, 0, null, 0));

        ring.request(now);
        assertThat(ring.sum(now).requests()).isEqualTo(1);
    }

    @Test
    void a_clock_that_jumps_leaves_no_wrong_counts() {
        ring.request(now);
        pass(Duration.ofDays(-3));

        assertThat(ring.sum(now).requests()).isZero();
        ring.request(now);
        assertThat(ring.sum(now).requests()).isEqualTo(1);
    }

    @Test
    void callers_cannot_make_it_grow() {
        for (int i = 0; i < 1_000; i++) {
            ring.fallback(new Fallback("a", "b" + i, "TIMEOUT"), now);
        }
        assertThat(ring.sum(now).fallbacks()).isEqualTo(1_000);
    }

    private void pass(Duration time) {
        now += time.toMillis();
    }
}
