package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class WindowCounterTest {
    private final WindowCounter counter = new WindowCounter(10);

    @Test
    void what_was_counted_before_the_first_sample_is_growth() {
        count(3);
        counter.sample(100);
        assertThat(counter.growth(1)).isEqualTo(3);
        assertThat(counter.growth(10)).isEqualTo(3);
    }

    @Test
    void growth_is_that_of_the_last_steps_only() {
        for (int step = 100; step < 150; step++) {
            count(step);
            counter.sample(step);
        }
        assertThat(counter.growth(1)).isEqualTo(149);
        assertThat(counter.growth(2)).isEqualTo(149 + 148);
        assertThat(counter.growth(10)).isEqualTo((140 + 149) * 10 / 2);
        assertThat(counter.growth(146, 148)).isEqualTo(147 + 148);
    }

    @Test
    void growth_while_no_sample_was_taken_belongs_to_the_first_step_left_out() {
        count(5);
        counter.sample(100);
        count(2);
        counter.sample(104);
        assertThat(counter.growth(1)).isZero();
        assertThat(counter.growth(100, 101)).isEqualTo(2);
        count(1);
        counter.sample(1_000);
        assertThat(counter.growth(10)).isZero();
    }

    @Test
    void a_step_of_the_past_changes_nothing() {
        counter.sample(100);
        count(4);
        counter.sample(101);
        count(1);
        counter.sample(90);
        assertThat(counter.growth(1)).isEqualTo(4);
    }

    @Test
    void nothing_has_grown_before_the_first_sample() {
        count(1);
        assertThat(counter.growth(10)).isZero();
        assertThat(counter.growth(5, 7)).isZero();
    }

    private void count(int times) {
        for (int i = 0; i < times; i++) {
            counter.increment();
        }
    }
}
