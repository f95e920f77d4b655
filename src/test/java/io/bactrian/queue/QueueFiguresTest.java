package io.bactrian.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.bactrian.policy.FailureClass;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class QueueFiguresTest {
    private final VirtualClock clock = new VirtualClock();
    private final QueueFigures figures = new QueueFigures(clock);

    @Test
    void what_was_taken_is_in_flight_until_it_has_ended() {
        figures.taken(false);
        figures.taken(true);
        figures.ended(QueueOutcome.ANSWERED);

        assertThat(figures.inFlight()).isEqualTo(1);
        assertThat(figures.redelivered()).isEqualTo(1);
        assertThat(figures.count(QueueOutcome.ANSWERED)).isEqualTo(1);
        assertThat(figures.count(QueueOutcome.LATER)).isZero();
    }

    @Test
    void dead_letters_are_counted_by_their_class_and_the_last_one_has_a_time() {
        assertThat(figures.deadLetterAt()).isZero();
        for (int i = 0; i < 2; i++) {
            figures.taken(false);
            figures.deadLetter(FailureClass.INVALID_REQUEST);
            figures.ended(QueueOutcome.DEAD_LETTER);
        }
        long then = clock.millis();
        clock.pass(Duration.ofMinutes(1));
        figures.deadLetter("NO_REPLY_ADDRESS");

        assertThat(figures.deadLetters()).containsExactly(entry("INVALID_REQUEST", 2L), entry("NO_REPLY_ADDRESS", 1L));
        assertThat(figures.count(QueueOutcome.DEAD_LETTER)).isEqualTo(2);
        assertThat(figures.deadLetterAt()).isEqualTo(then);
    }

    @Test
    void a_pause_lasts_until_it_is_taken_back() {
        figures.paused(new QueueFigures.Pause(7, "no target can answer"));
        assertThat(figures.pause()).isEqualTo(new QueueFigures.Pause(7, "no target can answer"));
        figures.paused(null);
        assertThat(figures.pause()).isNull();
    }
}
