package io.bactrian;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** More threads carry virtual ones while these wait long, and as many as there are processors otherwise. */
class CarrierCountTest {
    private final CarrierCount count = new CarrierCount(2);

    @Test
    void there_is_one_for_each_processor_while_waits_are_short() {
        assertThat(after(0, 3, 40, 0, 91, 27, 60, 5)).isEqualTo(2);
    }

    @Test
    void a_few_long_waits_in_a_row_are_no_rule() {
        assertThat(after(24, 41, 2, 1131, 17, 4, 22, 33, 0, 1, 19)).isEqualTo(2);
        assertThat(after(0, 890, 38, 37, 0, 12)).isEqualTo(2);
    }

    @Test
    void there_are_more_while_long_waits_are_the_rule_and_as_many_as_before_afterwards() {
        assertThat(after(373, 2327)).isEqualTo(8);
        assertThat(after(20, 40, 11, 60, 35)).isEqualTo(8);
        assertThat(after(LongStream.generate(() -> 0).limit(400).toArray())).isEqualTo(2);
    }

    @Test
    void the_usual_number_is_tried_again_after_15_seconds() {
        assertThat(after(373, 2327)).isEqualTo(8);
        assertThat(secondsOfMore(60)).isBetween(15.0, 16.0);
        assertThat(after(LongStream.generate(() -> 60).limit(400).toArray())).isEqualTo(2);
    }

    @Test
    void it_is_tried_again_ever_later_while_it_is_too_few_and_after_two_minutes_at_most() {
        for (double seconds : new double[] {15, 30, 60, 120, 120}) {
            assertThat(after(373, 2327)).isEqualTo(8);
            assertThat(secondsOfMore(60)).isBetween(seconds, seconds + 1);
        }
        assertThat(after(LongStream.generate(() -> 20).limit(1_100).toArray())).isEqualTo(2);
        assertThat(after(373, 2327)).isEqualTo(8);
        assertThat(secondsOfMore(60)).isBetween(15.0, 16.0);
    }

    /** For how long there are more, where each virtual thread waits this long for its turn. */
    private double secondsOfMore(long wait) {
        long millis = 0;
        for (int carriers = 8; carriers == 8; carriers = count.after(wait)) {
            millis += wait + CarrierCount.EVERY.toMillis();
        }
        return millis / 1_000.0;
    }

    @Test
    void a_large_machine_has_twice_as_many_then() {
        CarrierCount large = new CarrierCount(16);
        assertThat(large.now()).isEqualTo(16);
        for (int i = 0; i < 10; i++) {
            large.after(500);
        }
        assertThat(large.now()).isEqualTo(32);
    }

    private int after(long... waits) {
        int now = 0;
        for (long wait : waits) {
            now = count.after(wait);
        }
        return now;
    }
}
