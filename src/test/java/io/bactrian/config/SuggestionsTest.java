package io.bactrian.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, abc, 0", "abc, abd, 1", "abc, acb, 1", "kitten, sitting, 3", "'', abc, 3"})
    void distance_counts_slips(String a, String b, int distance) {
        assertThat(Suggestions.distance(a, b)).isEqualTo(distance);
        assertThat(Suggestions.distance(b, a)).isEqualTo(distance);
    }

    @Test
    void a_word_far_from_all_is_likely_none_of_them() {
        assertThat(Suggestions.likely("smal", List.of("large", "small"))).contains("small");
        assertThat(Suggestions.likely("gemini", List.of("large", "small"))).isEmpty();
        assertThat(Suggestions.of("x", List.of())).isEmpty();
    }
}
