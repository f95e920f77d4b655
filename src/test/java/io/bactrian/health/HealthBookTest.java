package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Target;
import io.bactrian.health.HealthReport.Evidence;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When targets are probed, and what becomes of the outcome. */
final class HealthBookTest {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final VirtualClock clock = new VirtualClock();
    private final Target target = TestChains.target("t");
    private final Breakers breakers = new Breakers(clock);
    /** Half of every range: no time varies. */
    private final HealthBook book = new HealthBook(clock, () -> 0.5);

    HealthBookTest() {
        book.follow(List.of(target), List.of(target), PERIOD, 1, breakers);
    }

    @Test
    void the_first_probe_is_due_within_two_seconds_and_the_next_a_period_later() {
        assertThat(dueIn()).isEqualTo(Duration.ofSeconds(1));
        pass();
        assertThat(dueIn()).isEqualTo(PERIOD);
    }

    @Test
    void after_a_failed_probe_the_second_follows_about_a_second_later() {
        upByProbe();
        dueIn();
        fail();

        assertThat(dueIn()).isEqualTo(Duration.ofSeconds(1));
        fail();
        assertThat(book.of(target).state()).isEqualTo(HealthState.DOWN);
        assertThat(book.isDown(target)).isTrue();
    }

    @Test
    void the_gaps_grow_while_it_is_down_to_five_minutes() {
        dueIn();
        fail();
        assertThat(dueIn()).isEqualTo(PERIOD);
        fail();
        assertThat(dueIn()).isEqualTo(Duration.ofSeconds(45));
        for (int i = 0; i < 10; i++) {
            fail();
            dueIn();
        }
        fail();
        assertThat(dueIn()).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void callers_who_ask_for_it_while_it_is_down_bring_the_next_probe_nearer() {
        dueIn();
        for (int i = 0; i < 10; i++) {
            fail();
            dueIn();
        }
        fail();

        book.failed(target, Failure.of(FailureClass.TIMEOUT, "late"), true, false, true, 0);

        assertThat(dueIn()).isEqualTo(PERIOD);
    }

    @Test
    void a_success_of_a_caller_within_the_period_takes_the_place_of_the_probe() {
        upByProbe();
        for (int i = 0; i < 100; i++) {
            clock.pass(Duration.ofSeconds(20));
            book.answered(target, 100);
            assertThat(book.claimProbe(target)).isFalse();
        }
        assertThat(book.of(target).evidence()).isEqualTo(Evidence.PROBE);
        assertThat(book.of(target).lastSuccess()).isEqualTo(clock.millis());

        assertThat(dueIn()).isEqualTo(PERIOD);
    }

    @Test
    void a_target_that_nobody_asked_for_an_hour_is_probed_at_ten_times_the_period() {
        upByProbe();
        clock.pass(Duration.ofHours(1));
        assertThat(book.claimProbe(target)).isTrue();
        pass();

        assertThat(dueIn()).isEqualTo(PERIOD.multipliedBy(10));
    }

    @Test
    void a_failure_of_a_caller_brings_the_probe_nearer_and_a_probe_that_passes_clears_it() {
        upByProbe();
        book.failed(target, Failure.of(FailureClass.NETWORK, "reset"), true, false, true, 0);
        assertThat(dueIn()).isEqualTo(Duration.ofSeconds(1));
        pass();

        book.failed(target, Failure.of(FailureClass.NETWORK, "reset"), true, false, true, 0);
        assertThat(book.of(target).state()).isEqualTo(HealthState.UP);
    }

    @Test
    void nobody_else_makes_a_probe_that_is_claimed() {
        assertThat(dueIn()).isNotNull();
        clock.pass(Duration.ofHours(2));
        assertThat(book.claimProbe(target)).isFalse();

        book.postpone(target, clock.millis());
        assertThat(book.claimProbe(target)).isTrue();
    }

    @Test
    void a_target_that_is_not_probed_is_never_skipped() {
        Target other = TestChains.target("other");
        for (int i = 0; i < 5; i++) {
            clock.pass(Duration.ofSeconds(1));
            book.failed(other, Failure.of(FailureClass.NETWORK, "reset"), true, false, true, 0);
        }

        assertThat(book.of(other).state()).isEqualTo(HealthState.DOWN);
        assertThat(book.isDown(other)).isFalse();
    }

    @Test
    void what_is_known_outlives_a_change_of_the_configuration() {
        dueIn();
        fail();
        book.follow(List.of(), List.of(), PERIOD, 1, breakers);
        assertThat(book.isDown(target)).isFalse();
        assertThat(book.of(target).state()).isEqualTo(HealthState.DOWN);

        book.follow(List.of(target), List.of(target), PERIOD, 1, breakers);
        assertThat(book.isDown(target)).isTrue();
    }

    @Test
    void a_shorter_period_takes_effect_at_once() {
        book.follow(List.of(target), List.of(target), Duration.ofHours(24), 1, breakers);
        upByProbe();

        book.follow(List.of(target), List.of(target), PERIOD, 1, breakers);

        assertThat(dueIn()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void an_operator_who_closes_the_breaker_has_it_probed_at_once() {
        dueIn();
        fail();

        book.forget(target);

        assertThat(book.of(target).state()).isEqualTo(HealthState.UNKNOWN);
        assertThat(book.claimProbe(target)).isTrue();
    }

    @Test
    void a_probe_half_opens_an_open_breaker_and_leaves_it_its_trial() {
        open();
        assertThat(breakers.openUntil(target, clock.millis())).isNotNull();

        breakers.halfOpen(target);

        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
        assertThat(book.of(target).state()).isNotEqualTo(HealthState.DOWN);
        assertThat(breakers.of(target, TestLimits.defaults()).tryAcquirePermission())
                .isTrue();
        assertThat(breakers.of(target, TestLimits.defaults()).tryAcquirePermission())
                .isFalse();
    }

    @Test
    void a_breaker_that_an_operator_has_opened_stays_open() {
        breakers.open(target, TestLimits.defaults());

        breakers.halfOpen(target);

        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void a_half_open_breaker_makes_a_well_target_degraded() {
        upByProbe();
        open();
        breakers.halfOpen(target);

        assertThat(book.of(target).state()).isEqualTo(HealthState.DEGRADED);
    }

    @Test
    void the_budget_of_a_day_is_never_exceeded_and_a_failed_target_comes_first() {
        ProbeBudget budget = new ProbeBudget();
        budget.perDay(1, clock.millis());
        double spent = 0;
        for (int second = 0; second < 24 * 3600; second++) {
            clock.pass(Duration.ofSeconds(1));
            if (budget.allows(second % 2 == 0, clock.millis())) {
                budget.spend(0.001, clock.millis());
                spent += 0.001;
            }
        }
        assertThat(spent).isBetween(0.9, 1.002);

        budget = new ProbeBudget();
        budget.perDay(1, clock.millis());
        while (budget.allows(false, clock.millis())) {
            budget.spend(0.001, clock.millis());
        }
        assertThat(budget.allows(true, clock.millis())).isTrue();
    }

    @Test
    void a_probe_is_slow_beside_its_own_usual_time_only() {
        ProbeTimes times = new ProbeTimes();
        for (int i = 0; i < 8; i++) {
            assertThat(times.add(400)).isFalse();
        }
        assertThat(times.add(1_100)).isFalse();
        assertThat(times.add(4_000)).isTrue();
        int slow = 1;
        while (times.add(4_000)) {
            slow++;
        }
        assertThat(slow).isEqualTo(20);
    }

    private void open() {
        for (int i = 0; i < TestLimits.defaults().breakerFailures(); i++) {
            breakers.of(target, TestLimits.defaults())
                    .onError(1, TimeUnit.MILLISECONDS, new CallFailed(Failure.of(FailureClass.NETWORK, "reset")));
        }
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    private void upByProbe() {
        dueIn();
        pass();
    }

    /** Lets time pass until the next probe is due, and claims it. */
    private Duration dueIn() {
        long start = clock.millis();
        while (!book.claimProbe(target)) {
            clock.pass(Duration.ofMillis(100));
            assertThat(clock.millis() - start).isLessThan(Duration.ofHours(1).toMillis());
        }
        return Duration.ofMillis(clock.millis() - start);
    }

    private void pass() {
        book.probed(new ProbeResult(target, null, 100, 0, 0, 0), false);
    }

    private void fail() {
        book.probed(new ProbeResult(target, Failure.of(FailureClass.TIMEOUT, "late"), 0, 0, 0, 0), false);
    }
}
