package io.bactrian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.request.Span;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OverheadTest {

    @ParameterizedTest(name = "{0} cover {1}")
    @CsvSource({
        "'', 0",
        "10-30, 20",
        "10-30 40-60, 40",
        "40-60 10-30, 40",
        "10-50 20-30, 40",
        "10-50 30-70, 60",
        "10-20 10-20 10-20, 10",
        "0-100 20-30, 100",
        "-50-10 95-400, 15",
        "30-10, 0"
    })
    void times_that_overlap_count_once_and_only_within_the_request(String spans, long covered) {
        long start = Long.MAX_VALUE - 50; // as System.nanoTime may overflow
        List<Span> all = new ArrayList<>();
        for (String span : spans.split(" ")) {
            if (!span.isEmpty()) {
                int dash = span.indexOf('-', 1);
                all.add(new Span(
                        start + Long.parseLong(span.substring(0, dash)),
                        start + Long.parseLong(span.substring(dash + 1))));
            }
        }
        assertThat(Overhead.union(all, start, start + 100)).isEqualTo(covered);
    }
}
