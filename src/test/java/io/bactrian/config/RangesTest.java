package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ranges of all numbers, sizes and durations, those of the limits included. */
class RangesTest {
    private static final List<String> HUGE = List.of("999999999999999999", "999999999999h", "999999999GB");
    private static final String NAMES_A_RANGE = ".*\\b(number|duration|size|tokens) from \\S+ to [^ ,]+.*";

    static Stream<PropertyKey> numbers() {
        return PropertyKeys.ALL.stream()
                .filter(row -> !row.refused() && refusal(row, "x") != null && refusal(row, "true") != null)
                .filter(row -> refusal(row, "1") == null || refusal(row, "1s") == null);
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void every_number_has_a_range_that_a_refusal_names(PropertyKey row) {
        assertThat(HUGE)
                .map(text -> refusal(row, text))
                .doesNotContainNull()
                .anyMatch(right -> right.matches(NAMES_A_RANGE));
    }

    @Test
    void numbers_of_every_kind_are_among_them() {
        assertThat(numbers().map(PropertyKey::pattern))
                .contains(
                        "camel.server.port",
                        "bactrian.server.max-body",
                        "bactrian.server.limits.<name>.tokens-per-minute",
                        "bactrian.providers.<p>.max-connections",
                        "bactrian.targets.<t>.price-input",
                        "bactrian.targets.<t>.quality",
                        "bactrian.targets.<t>.idle-timeout",
                        "bactrian.stale.max-age",
                        "bactrian.defaults.breaker.failures",
                        "bactrian.defaults.hedge-delay");
    }

    private static String refusal(PropertyKey row, String text) {
        try {
            row.value().of(text);
            return null;
        } catch (BadValue e) {
            return e.right();
        }
    }
}
