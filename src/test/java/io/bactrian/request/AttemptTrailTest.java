package io.bactrian.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import org.junit.jupiter.api.Test;

class AttemptTrailTest {
    private final AttemptTrail trail = new AttemptTrail();
    private final Failure busy = Failure.of(FailureClass.OVERLOADED, 529, "busy");

    @Test
    void calls_are_listed_in_order() {
        trail.open("a").failed(busy, 5, null);
        trail.open("a").failed(Failure.of(FailureClass.NETWORK, "reset"), 6, null);
        AttemptTrail.Entry b = trail.open("b");
        assertThat(trail.label(b)).isEqualTo("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail.label(null)).isEqualTo("a=OVERLOADED, a=NETWORK");
        assertThat(trail.label()).isEqualTo("a=OVERLOADED, a=NETWORK");
        b.sent();
        assertThat(trail.label()).isEqualTo("a=OVERLOADED, a=NETWORK, b=CANCELLED");

        b.answered("OK", 200, 7, null);
        assertThat(trail.label()).isEqualTo("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail).hasToString("a=OVERLOADED, a=NETWORK, b=OK");
        assertThat(trail.calls()).extracting(CallRecord::status).containsExactly(529, 0, 200);
        assertThat(trail.calls()).extracting(CallRecord::millis).containsExactly(5L, 6L, 7L);
    }

    @Test
    void a_call_that_was_cancelled_before_it_went_out_was_none() {
        Failure cancelled = Failure.of(FailureClass.CANCELLED, "another was quicker");
        trail.open("a").failed(cancelled, 1, null);
        AttemptTrail.Entry seen = trail.open("b");
        seen.sent();
        seen.failed(cancelled, 2, null);

        assertThat(trail.label()).isEqualTo("b=CANCELLED");
        assertThat(trail.calls()).hasSize(1);
    }

    @Test
    void calls_that_begin_at_once_are_listed_in_the_order_of_the_chain() {
        AttemptTrail.Entry first = trail.reserve("a");
        AttemptTrail.Entry second = trail.reserve("b");
        trail.reserve("c");
        second.begin();
        first.begin();
        first.sent();
        second.sent();

        assertThat(trail.label(second)).isEqualTo("a=CANCELLED, b=OK");
    }

    @Test
    void without_calls_the_trail_is_empty() {
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
