package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    private static final ValueParser<Duration> GRAMMAR = Durations.between("0s", "8760h");

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "10s, PT10S",
        "5m, PT5M",
        "1h, PT1H",
        "1m30s, PT1M30S",
        "1h1ms, PT1H0.001S",
        "0s, PT0S",
        "90s, PT1M30S"
    })
    void a_duration_has_units(String text, Duration duration) {
        assertThat(GRAMMAR.of(text)).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "-1s", "1.5s", "10 s", "10S", "30s1m", "1d", "s", "1e3s", "99999999h", "٣s"})
    void anything_else_is_none(String text) {
        assertThatThrownBy(() -> GRAMMAR.of(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
