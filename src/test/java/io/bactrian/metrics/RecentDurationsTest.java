package io.bactrian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RecentDurationsTest {
    private static final long NOW = 1_800_000_000_000L;

    private final RecentDurations durations = new RecentDurations();

    @Test
    void quantiles_are_those_of_the_last_calls() {
        for (int i = 1; i <= 100; i++) {
            durations.add(i, NOW);
        }
        assertThat(durations.quantiles(NOW, 0.5, 0.9, 0.99)).containsExactly(50, 90, 99);
        for (int i = 0; i < 1000; i++) {
            durations.add(7, NOW);
        }
        assertThat(durations.quantiles(NOW, 0.5, 0.99)).containsExactly(7, 7);
    }

    @Test
    void old_ones_do_not_count() {
        durations.add(40, NOW);
        assertThat(durations.quantiles(NOW + 299_999, 0.5)).containsExactly(40);
        assertThat(durations.quantiles(NOW + 300_000, 0.5)).isEmpty();
    }
}
