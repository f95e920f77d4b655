package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.page.RecentTimes.Quantiles;
import org.junit.jupiter.api.Test;

final class RecentTimesTest {
    private static final long NOW = 1_795_000_000_000L;

    private final RecentTimes times = new RecentTimes();

    @Test
    void few_times_have_a_median_only() {
        assertThat(times.quantiles(NOW)).isNull();
        times.add(30, NOW);
        times.add(10, NOW);
        times.add(20, NOW);
        assertThat(times.quantiles(NOW)).isEqualTo(new Quantiles(20, null));
    }

    @Test
    void many_times_have_a_high_quantile() {
        for (int i = 1; i <= 100; i++) {
            times.add(i, NOW);
        }
        assertThat(times.quantiles(NOW)).isEqualTo(new Quantiles(50, 95L));
    }

    @Test
    void only_the_last_ones_count() {
        for (int i = 0; i < RecentTimes.SIZE; i++) {
            times.add(1_000, NOW);
        }
        for (int i = 0; i < RecentTimes.SIZE; i++) {
            times.add(5, NOW);
        }
        assertThat(times.quantiles(NOW)).isEqualTo(new Quantiles(5, 5L));
    }

    @Test
    void times_grow_old() {
        times.add(7, NOW);
        assertThat(times.quantiles(NOW + RecentTimes.RECENT_MILLIS)).isEqualTo(new Quantiles(7, null));
        assertThat(times.quantiles(NOW + RecentTimes.RECENT_MILLIS + 1)).isNull();
    }
}
