package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TargetHealthTest {
    private final VirtualClock clock = new VirtualClock();
    private final Breakers breakers = new Breakers(clock);
    private final Cooldowns cooldowns = new Cooldowns();
    private final TargetHealth health = new TargetHealth(breakers, cooldowns, new KeyPool(cooldowns));
    private final Provider provider = TestChains.provider("p", "one", "two");
    private final Target target = TestChains.target("a", provider, 1, null);
    private final long now = clock.millis();

    @Test
    void target_nobody_complained_of_may_be_called() {
        assertThat(health.of(target, now)).isNull();
    }

    @Test
    void open_breaker_comes_first() {
        note(FailureClass.RATE_LIMITED, 0);
        breakers.of(target, TestLimits.defaults()).transitionToOpenState();

        Unavailable found = health.of(target, now);

        assertThat(found.label()).isEqualTo("CIRCUIT_OPEN");
        assertThat(found.type()).isEqualTo(FailureClass.CIRCUIT_OPEN);
        assertThat(found.until()).isBetween(now + 60_000, now + 60_001);
    }

    @Test
    void cooling_target_says_what_from_and_until_when() {
        note(FailureClass.OVERLOADED, 0);

        assertThat(health.of(target, now)).isEqualTo(new Unavailable("COOLING", FailureClass.OVERLOADED, now + 9_000));
    }

    @Test
    void target_cools_once_every_key_is_limited_for_it_until_the_first_is_back() {
        note(FailureClass.RATE_LIMITED, 0);
        assertThat(health.of(target, now)).isNull();

        clock.pass(Duration.ofSeconds(5));
        cooldowns.note(
                target,
                1,
                new Failure(FailureClass.RATE_LIMITED, 429, Duration.ofSeconds(9), null, null, null, null, "any"),
                500,
                clock.millis());
        assertThat(health.of(target, clock.millis()))
                .isEqualTo(new Unavailable("COOLING", FailureClass.RATE_LIMITED, now + 9_000));
        assertThat(health.of(TestChains.target("b", provider, 1, null), clock.millis()))
                .isNull();
    }

    @Test
    void one_refused_key_of_two_hinders_nobody() {
        note(FailureClass.AUTHENTICATION, 0);
        assertThat(health.of(target, now)).isNull();

        note(FailureClass.QUOTA_EXHAUSTED, 1);
        assertThat(health.of(target, now))
                .isEqualTo(new Unavailable("COOLING", FailureClass.AUTHENTICATION, now + 300_000, now + 10_000));
    }

    @Test
    void a_trial_is_due_when_the_last_of_the_reasons_against_it_has_one() {
        note(FailureClass.AUTHENTICATION, 0);
        note(FailureClass.AUTHENTICATION, 1);
        clock.pass(Duration.ofSeconds(4));
        cooldowns.note(target, 0, Failure.of(FailureClass.MODEL_UNAVAILABLE, "gone"), 500, clock.millis());

        assertThat(health.of(target, clock.millis()))
                .isEqualTo(new Unavailable("COOLING", FailureClass.MODEL_UNAVAILABLE, now + 304_000, now + 14_000));
        assertThat(health.of(TestChains.target("b", provider, 1, null), clock.millis()))
                .returns(now + 10_000, Unavailable::trialAt);
    }

    @Test
    void a_key_that_is_also_rate_limited_has_no_trial_before_its_limit_ends() {
        note(FailureClass.AUTHENTICATION, 0);
        note(FailureClass.AUTHENTICATION, 1);
        Failure limited =
                new Failure(FailureClass.RATE_LIMITED, 429, Duration.ofSeconds(60), null, null, null, null, "any");
        cooldowns.note(target, 0, limited, 500, now);
        assertThat(health.of(target, now)).returns(now + 10_000, Unavailable::trialAt);

        cooldowns.note(target, 1, limited, 500, now);
        assertThat(health.of(target, now)).returns(now + 60_000, Unavailable::trialAt);
    }

    @Test
    void a_rate_limit_has_no_trial() {
        note(FailureClass.OVERLOADED, 0);

        assertThat(health.of(target, now)).returns(now + 9_000, Unavailable::trialAt);
    }

    private void note(FailureClass type, int key) {
        cooldowns.note(
                target, key, new Failure(type, 429, Duration.ofSeconds(9), null, null, null, null, "any"), 500, now);
    }
}
