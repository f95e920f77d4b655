package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Target;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DrillsTest {
    private final VirtualClock clock = new VirtualClock();
    private final Drills drills = new Drills();
    private final Target target = TestChains.target("a");

    @ParameterizedTest
    @ValueSource(strings = {"400", "429", "599", "timeout", "reset", "refused", "garbage"})
    void a_fault_is_known_by_its_name(String name) {
        assertThat(DrillFault.of(name)).extracting(DrillFault::name).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "200", "399", "600", "4299", " 429", "-429", "429\r\nx-evil: 1", "status", "off", "flood"})
    void nothing_else_is_a_fault(String name) {
        assertThat(DrillFault.of(name)).isNull();
    }

    @Test
    void a_drill_lasts_as_long_as_it_was_ordered_for_and_holds_for_every_name_of_the_model() {
        DrillFault fault = DrillFault.of("429");
        long until = clock.millis() + 1000;
        drills.begin(target, fault, until, clock.millis());

        Target same = new Target(
                "other-name",
                target.provider(),
                target.model(),
                target.body(),
                8192,
                false,
                1.0,
                null,
                null,
                target.supports(),
                null,
                null);
        assertThat(drills.of(same, clock.millis())).isEqualTo(new Drills.Standing(fault, until));
        assertThat(drills.of(TestChains.target("b"), clock.millis())).isNull();
        assertThat(drills.of(target, until - 1)).isNotNull();
        assertThat(drills.of(target, until)).isNull();
    }

    @Test
    void a_later_order_counts_and_an_end_ends() {
        clock.pass(Duration.ofSeconds(1));
        drills.begin(target, DrillFault.of("429"), clock.millis() + 1000, clock.millis());
        drills.begin(target, DrillFault.of("reset"), clock.millis() + 1000, clock.millis());
        assertThat(drills.of(target, clock.millis()).fault()).isEqualTo(DrillFault.of("reset"));

        drills.end(target);
        assertThat(drills.of(target, clock.millis())).isNull();
    }
}
