package io.bactrian.channel;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.AlertMessage.State;
import io.bactrian.alert.Severity;
import java.time.Clock;
import org.junit.jupiter.api.Test;

/** The messages that channels get. */
final class OutboxesTest {
    private final Outboxes outboxes = new Outboxes(Clock.systemUTC());

    @Test
    void the_end_of_what_was_told_is_told_although_no_such_alert_is_sent_any_more() {
        assertThat(takes(State.OPEN, Severity.WARNING)).isTrue();

        assertThat(takes(State.UPDATE, Severity.CRITICAL)).isFalse();
        assertThat(takes(State.RESOLVED, Severity.CRITICAL)).isTrue();
        assertThat(takes(State.RESOLVED, Severity.CRITICAL)).isFalse();
    }

    @Test
    void what_is_not_urgent_enough_is_never_told() {
        assertThat(takes(State.OPEN, Severity.ERROR)).isFalse();
        assertThat(takes(State.RESOLVED, Severity.ERROR)).isFalse();
    }

    private boolean takes(State state, Severity least) {
        return outboxes.takes(TestAlerts.message("1", "target/a/m", state, "A text."), least);
    }
}
