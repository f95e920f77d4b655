package io.bactrian.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.fallback.Failure;
import io.bactrian.fallback.FailureClass;
import org.junit.jupiter.api.Test;

class TrailTest {
    private final Trail trail = new Trail();
    private final Failure busy = Failure.of(FailureClass.OVERLOADED, 529, "busy");

    @Test
    void calls_are_told_in_order() {
        trail.open("a").failed(busy, 5, null);
        trail.open("a").failed(Failure.of(FailureClass.NETWORK, "reset"), 6, null);
        Trail.Entry b = trail.open("b");
        assertThat(trail.label(b)).isEqualTo("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail.label(null)).isEqualTo("a=OVERLOADED, a=NETWORK");
        assertThat(trail.label()).isEqualTo("a=OVERLOADED, a=NETWORK, b=CANCELLED");

        b.answered("OK", 200, 7, null);
        assertThat(trail.label()).isEqualTo("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail).hasToString("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail.calls()).extracting(Trail.Call::status).containsExactly(529, 0, 200);
        assertThat(trail.calls()).extracting(Trail.Call::millis).containsExactly(5L, 6L, 7L);
    }

    @Test
    void nothing_is_told_of_nothing() {
        assertThat(trail.label(null)).isEmpty();
        assertThat(trail.firstCause()).isNull();
        assertThat(trail.allOf(FailureClass.OVERLOADED)).isFalse();
    }

    @Test
    void first_cause_is_the_first_failure() {
        trail.open("a").answered("CANCELLED", 0, 1, null);
        trail.open("b").failed(busy, 5, null);
        trail.open("c").failed(Failure.of(FailureClass.NETWORK, "reset"), 6, null);

        assertThat(trail.firstCause()).isEqualTo(busy);
    }

    @Test
    void all_of_a_class_means_every_call() {
        trail.open("a").failed(busy, 5, null);
        assertThat(trail.allOf(FailureClass.OVERLOADED)).isTrue();

        trail.open("b").answered("OK", 200, 5, null);
        assertThat(trail.allOf(FailureClass.OVERLOADED)).isFalse();
    }
}
