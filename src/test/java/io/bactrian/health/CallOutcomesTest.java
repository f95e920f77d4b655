package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** What a call holds is given back, whatever becomes of the call. */
class CallOutcomesTest {
    private final VirtualClock clock = new VirtualClock();
    private final Breakers breakers = new Breakers(clock);
    private final Cooldowns cooldowns = new Cooldowns();
    private final ConnectionPermits permits = new ConnectionPermits();
    private final Target target = TestChains.target("a");
    private final Limits limits = TestLimits.defaults();
    private final CallOutcomes outcomes = new CallOutcomes(
            breakers,
            cooldowns,
            new KeyPool(cooldowns),
            new TargetLatencies(clock),
            permits,
            new HealthBook(clock),
            new CallObserver() {},
            clock);

    @Test
    void a_breaker_that_is_open_costs_no_permit() {
        int free = free();
        breakers.open(target, limits);

        assertThatThrownBy(this::begin).isInstanceOf(CallFailed.class);
        assertThat(free()).isEqualTo(free);
    }

    @Test
    void a_trial_that_was_not_made_leaves_its_turn_and_its_permit_to_the_next() {
        int free = free();
        breakers.open(target, limits);
        clock.pass(limits.breakerOpenFor().plusMillis(2));
        begin().abandon();

        TrackedCall next = begin();
        assertThat(free()).isEqualTo(free - 1);
        assertThatThrownBy(this::begin).isInstanceOf(CallFailed.class);
        next.end();
        next.end();
        assertThat(free()).isEqualTo(free);
    }

    private TrackedCall begin() {
        return outcomes.begin(
                target, limits, CallOutcomes.Kind.MODEL, false, false, true, () -> false, clock.millis() + 1000);
    }

    private int free() {
        Semaphore all = permits.of(target.provider());
        return all.availablePermits();
    }
}
