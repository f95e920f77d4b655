package io.bactrian.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Target;
import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthState;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.LogCapture;
import io.bactrian.testing.TestChains;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The lines about changes of health. */
final class ChangeLogTest {
    private static final Target TARGET = TestChains.target("change-log");

    @RegisterExtension
    private final LogCapture log = LogCapture.of("bactrian.health");

    private final ChangeLog changes = new ChangeLog();

    @Test
    void a_target_that_was_down_is_up_again_although_its_health_was_forgotten_in_between() {
        look(HealthState.UP, null, 0);
        look(HealthState.DOWN, FailureClass.OVERLOADED, 20_000);
        look(HealthState.UNKNOWN, null, 40_000);
        look(HealthState.UP, null, 41_000);

        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst()).contains("change-log is down: OVERLOADED");
        assertThat(lines().getLast()).isEqualTo("change-log is up again");
    }

    @Test
    void a_target_that_flaps_has_a_line_every_ten_seconds_at_most() {
        for (int second = 0; second < 60; second++) {
            boolean down = second % 2 == 1;
            look(down ? HealthState.DOWN : HealthState.UP, down ? FailureClass.NETWORK : null, second * 1_000L);
        }

        assertThat(lines()).hasSizeBetween(1, 6);
    }

    private void look(HealthState state, @Nullable FailureClass cause, long now) {
        changes.look(
                List.of(new HealthReport(TARGET, state, now, cause, 0, null, null, HealthReport.Evidence.PROBE, null)),
                now);
    }

    private List<String> lines() {
        return log.lines().stream()
                .filter(line -> line.startsWith("change-log"))
                .toList();
    }
}
