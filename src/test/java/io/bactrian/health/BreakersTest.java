package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BreakersTest {
    private static final Duration OPEN_FOR = Duration.ofSeconds(60);

    private final VirtualClock clock = new VirtualClock();
    private final Breakers breakers = new Breakers(clock);
    private final Target target = TestChains.target("a");
    private final CircuitBreaker breaker = breakers.of(target, TestLimits.defaults());

    @Test
    void four_failures_and_a_success_leave_it_closed() {
        fail(4);
        succeed();
        fail(4);

        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
    }

    @Test
    void five_failures_in_a_row_open_it() {
        succeed();
        fail(5);

        assertThat(breakers.state(target)).isEqualTo("OPEN");
        assertThat(breaker.tryAcquirePermission()).isFalse();
    }

    @Test
    void failures_of_one_named_caller_alone_do_not_open_it() {
        failFor("ann", 50);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        failFor("bob", 1);
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void success_of_another_caller_shows_that_the_failures_were_one_callers_own() {
        failFor("ann", 50);
        succeed();
        failFor("bob", 4);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        failFor("ann", 1);
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void trial_that_one_named_caller_fails_is_left_to_another_call() {
        fail(5);
        clock.pass(OPEN_FOR.plusMillis(1));
        failFor("ann", 3);
        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
        assertThat(breakers.openUntil(target, clock.millis())).isNull();

        failFor("bob", 1);
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    private void failFor(String caller, int times) {
        for (int i = 0; i < times; i++) {
            breaker.tryAcquirePermission();
            breaker.onError(1, TimeUnit.MILLISECONDS, failure().learnedBy(caller));
        }
    }

    @Test
    void one_trial_is_let_in_when_it_says_that_a_call_may_be_tried() {
        fail(5);
        Long until = breakers.openUntil(target, clock.millis());

        clock.pass(Duration.ofMillis(until - clock.millis() - 1));
        assertThat(breakers.openUntil(target, clock.millis())).isNotNull();
        assertThat(breaker.tryAcquirePermission()).isFalse();

        clock.pass(Duration.ofMillis(1));
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
        assertThat(breaker.tryAcquirePermission()).isTrue();
        assertThat(breaker.tryAcquirePermission()).isFalse();
        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
    }

    @Test
    void models_that_callers_name_do_not_push_out_the_breaker_of_a_configured_target() {
        Breakers held = new Breakers(clock, () -> {}, List.of(target));
        CircuitBreaker ofRoute = held.of(target, TestLimits.defaults());
        held.open(target, TestLimits.defaults());
        IntStream.range(0, 25_000).forEach(i -> held.of(TestChains.target("x" + i), TestLimits.defaults()));

        assertThat(held.state(target)).isEqualTo("OPEN");
        assertThat(held.of(target, TestLimits.defaults())).isSameAs(ofRoute);
        held.close(target);
        assertThat(ofRoute.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void the_breaker_of_a_target_that_becomes_configured_is_kept_from_then_on() {
        Breakers heirs = breakers.inherit((chain, t) -> TestLimits.defaults(), List.of(target));
        IntStream.range(0, 25_000).forEach(i -> heirs.of(TestChains.target("x" + i), TestLimits.defaults()));

        assertThat(heirs.of(target, TestLimits.defaults())).isSameAs(breaker);
    }

    @Test
    void a_trial_that_never_ends_is_given_up_after_the_time_that_it_may_take() {
        fail(5);
        clock.pass(OPEN_FOR.plusMillis(1));
        assertThat(breaker.tryAcquirePermission()).isTrue();

        clock.pass(Duration.ofMinutes(1));
        assertThat(breakers.openUntil(target, clock.millis())).isNotNull();

        clock.pass(TestLimits.defaults().deadline());
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
        assertThat(breaker.tryAcquirePermission()).isTrue();
        assertThat(breaker.tryAcquirePermission()).isFalse();
        assertThat(breakers.openUntil(target, clock.millis())).isNotNull();
        breaker.onSuccess(1, TimeUnit.MILLISECONDS);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
    }

    @Test
    void one_that_is_held_for_another_node_opens_for_that_time_and_then_makes_its_trial() {
        hold(Duration.ofSeconds(30));

        assertThat(breakers.state(target)).isEqualTo("OPEN");
        assertThat(breakers.heldBy(target)).isEqualTo("eu-2");
        assertThat(breakers.isOpenByItself(target)).isFalse();
        assertThat(breaker.tryAcquirePermission()).isFalse();

        clock.pass(Duration.ofMillis(breakers.openUntil(target, clock.millis()) - clock.millis()));
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
        fail(1);
        assertThat(breakers.heldBy(target)).isNull();
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));
        assertThat(breakers.isOpenByItself(target)).isTrue();
    }

    @Test
    void one_that_is_held_follows_a_shorter_time_and_one_that_opened_by_itself_only_a_longer_one() {
        hold(Duration.ofSeconds(30));
        hold(Duration.ofSeconds(5));
        assertThat(openFor()).isBetween(Duration.ofSeconds(5), Duration.ofMillis(5_001));
        clock.pass(openFor());
        fail(1);

        hold(Duration.ofSeconds(5));
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));
        hold(Duration.ofSeconds(90));
        assertThat(openFor()).isBetween(Duration.ofSeconds(90), Duration.ofMillis(90_001));
        assertThat(breakers.heldBy(target)).isNull();
        clock.pass(openFor());
        assertThat(breaker.tryAcquirePermission()).isTrue();
    }

    @Test
    void one_is_held_for_eight_times_the_configured_time_at_most() {
        hold(Duration.ofDays(1));

        assertThat(openFor())
                .isBetween(OPEN_FOR.multipliedBy(8), OPEN_FOR.multipliedBy(8).plusMillis(1));
    }

    @Test
    void one_that_is_held_closes_when_released_and_one_that_opened_by_itself_lets_a_trial_through() {
        hold(Duration.ofSeconds(30));
        breakers.release(target);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        assertThat(breakers.heldBy(target)).isNull();

        fail(5);
        breakers.release(target);
        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
    }

    private void hold(Duration time) {
        breakers.hold(target, TestLimits.defaults(), "eu-2", clock.millis() + time.toMillis(), false);
    }

    @Test
    void failed_trials_double_the_time_up_to_eightfold() {
        fail(5);
        for (int times : new int[] {1, 2, 4, 8, 8, 8}) {
            assertThat(openFor())
                    .isBetween(
                            OPEN_FOR.multipliedBy(times),
                            OPEN_FOR.multipliedBy(times).plusMillis(1));
            clock.pass(openFor());
            fail(1);
            assertThat(breakers.state(target)).isEqualTo("OPEN");
        }
    }

    @Test
    void an_operator_opens_it_for_the_usual_time_whatever_it_had_been_through() {
        breakers.open(target, TestLimits.defaults());
        assertThat(breakers.state(target)).isEqualTo("OPEN");
        assertThat(breaker.tryAcquirePermission()).isFalse();
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));

        clock.pass(openFor());
        fail(1);
        assertThat(openFor()).isGreaterThan(OPEN_FOR.plusMillis(1));
        breakers.open(target, TestLimits.defaults());
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));

        clock.pass(openFor());
        succeed();
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
    }

    @Test
    void an_operator_closes_it_and_what_it_had_counted_is_forgotten() {
        fail(5);
        breakers.close(target);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        assertThat(breakers.openUntil(target, clock.millis())).isNull();
        assertThat(breaker.tryAcquirePermission()).isTrue();
        breaker.releasePermission();

        fail(4);
        breakers.close(target);
        fail(4);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        fail(1);
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));
    }

    @Test
    void an_operator_ends_a_trial_and_may_close_a_target_that_was_never_called() {
        fail(5);
        clock.pass(openFor());
        assertThat(breaker.tryAcquirePermission()).isTrue();
        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
        breakers.close(target);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        Target fresh = TestChains.target("fresh");
        breakers.close(fresh);
        assertThat(breakers.state(fresh)).isEqualTo("CLOSED");
    }

    @Test
    void successful_trial_closes_it_and_forgets_the_doubling() {
        fail(5);
        clock.pass(openFor());
        fail(1);
        clock.pass(openFor());
        succeed();
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        fail(5);
        assertThat(openFor()).isBetween(OPEN_FOR, OPEN_FOR.plusMillis(1));
    }

    @Test
    void a_window_does_not_grow_with_the_failures_that_open_a_breaker() {
        int most = 1_000_000;
        Limits limits = new TestLimits().breakerFailures(most).build();

        assertThat(IntStream.range(0, 1_000).mapToObj(i -> breakers.of(TestChains.target("t" + i), limits)))
                .hasSize(1_000)
                .allSatisfy(each -> assertThat(each.getCircuitBreakerConfig().getSlidingWindowSize())
                        .isEqualTo(1));

        CircuitBreaker patient = breakers.of(TestChains.target("t0"), limits);
        CallFailed failure = failure();
        IntStream.range(1, most).forEach(i -> patient.onError(1, TimeUnit.MILLISECONDS, failure));
        assertThat(patient.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
        patient.onError(1, TimeUnit.MILLISECONDS, failure);
        assertThat(patient.getState()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    @Test
    void failures_of_many_threads_are_counted_exactly_and_open_it_once() throws Exception {
        Target busy = TestChains.target("busy");
        CircuitBreaker shared =
                breakers.of(busy, new TestLimits().breakerFailures(8_000).build());
        CallFailed failure = failure();

        inEightThreads(() -> IntStream.range(0, 999).forEach(i -> shared.onError(1, TimeUnit.MILLISECONDS, failure)));
        assertThat(shared.getState()).isEqualTo(CircuitBreaker.State.CLOSED);
        inEightThreads(() -> IntStream.range(0, 100).forEach(i -> shared.onError(1, TimeUnit.MILLISECONDS, failure)));
        assertThat(shared.getState()).isEqualTo(CircuitBreaker.State.OPEN);

        clock.pass(OPEN_FOR.plusMillis(1));
        assertThat(breakers.openUntil(busy, clock.millis())).isNull();
        assertThat(shared.tryAcquirePermission()).isTrue();
    }

    @Test
    void a_call_that_ends_after_it_opened_is_not_counted() {
        fail(5);
        breaker.onError(1, TimeUnit.MILLISECONDS, failure());
        clock.pass(openFor());
        succeed();

        fail(4);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        fail(1);
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void a_success_that_the_breaker_hears_of_late_does_not_forget_the_next_failure() {
        fail(4);
        breakers.succeeded(target);
        fail(1);
        breaker.onSuccess(1, TimeUnit.MILLISECONDS);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        fail(4);
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void long_answers_are_no_failures() {
        for (int i = 0; i < 5; i++) {
            breaker.onSuccess(10, TimeUnit.MINUTES);
        }
        assertThat(breakers.state(target)).isEqualTo("CLOSED");

        fail(5);
        clock.pass(openFor());
        assertThat(breaker.tryAcquirePermission()).isTrue();
        breaker.onSuccess(10, TimeUnit.MINUTES);
        assertThat(breakers.state(target)).isEqualTo("CLOSED");
    }

    @ParameterizedTest
    @EnumSource(FailureClass.class)
    void only_failures_that_count_are_counted(FailureClass type) {
        boolean counts =
                switch (type) {
                    case OVERLOADED, SERVER_ERROR, NETWORK, TIMEOUT, INVALID_RESPONSE, STREAM_BROKEN -> true;
                    case RATE_LIMITED,
                            QUOTA_EXHAUSTED,
                            AUTHENTICATION,
                            MODEL_UNAVAILABLE,
                            CONTEXT_LENGTH,
                            CONTENT_POLICY,
                            INVALID_REQUEST,
                            UNSUPPORTED,
                            CANCELLED,
                            CIRCUIT_OPEN -> false;
                };
        for (int i = 0; i < 5; i++) {
            fail(new CallFailed(Failure.of(type, "any")));
        }

        assertThat(breakers.state(target)).isEqualTo(counts ? "OPEN" : "CLOSED");
    }

    @Test
    void nonsense_that_came_as_a_client_error_does_not_count() {
        assertThat(Failure.of(FailureClass.INVALID_RESPONSE, 200, "cut").counts())
                .isTrue();
        assertThat(Failure.of(FailureClass.INVALID_RESPONSE, 400, "tool").counts())
                .isFalse();
    }

    @Test
    void neutral_failure_is_no_success_either() {
        fail(4);
        fail(neutral());
        fail(1);

        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void neutral_failure_of_the_trial_leaves_room_for_another() {
        fail(5);
        clock.pass(openFor());
        fail(neutral());

        assertThat(breakers.state(target)).isEqualTo("HALF_OPEN");
        assertThat(breaker.tryAcquirePermission()).isTrue();
    }

    @Test
    void stale_connection_does_not_count() {
        Failure reset = Failure.of(FailureClass.NETWORK, "reset");
        for (int i = 0; i < 5; i++) {
            fail(new CallFailed(reset, false, true));
        }

        assertThat(breakers.state(target)).isEqualTo("CLOSED");
    }

    @Test
    void first_content_wins_the_trial() {
        fail(5);
        clock.pass(openFor());
        assertThat(breaker.tryAcquirePermission()).isTrue();

        breakers.firstContent(target);

        assertThat(breakers.state(target)).isEqualTo("CLOSED");
        assertThat(breaker.tryAcquirePermission()).isTrue();
    }

    @Test
    void content_is_no_success_of_a_closed_breaker() {
        fail(4);
        breakers.firstContent(target);
        fail(1);

        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void a_new_configuration_keeps_the_breakers_whose_limits_stay_even_in_the_middle_of_a_trial() {
        fail(5);
        Long until = breakers.openUntil(target, clock.millis());

        Breakers open = breakers.inherit((chain, t) -> TestLimits.defaults(), List.of());
        assertThat(open.openUntil(target, clock.millis())).isEqualTo(until);

        clock.pass(OPEN_FOR.plusMillis(1));
        assertThat(breaker.tryAcquirePermission()).isTrue();
        Breakers onTrial = open.inherit((chain, t) -> TestLimits.defaults(), List.of());
        assertThat(onTrial.state(target)).isEqualTo("HALF_OPEN");
        assertThat(onTrial.of(target, TestLimits.defaults()).tryAcquirePermission())
                .isFalse();

        breakers.firstContent(target);
        assertThat(onTrial.state(target)).isEqualTo("CLOSED");
    }

    @Test
    void a_breaker_whose_limits_change_starts_afresh_for_the_new_configuration_only() {
        fail(5);

        Breakers heirs = breakers.inherit(
                (chain, t) -> new TestLimits()
                        .breakerFailures(t.name().equals("a") ? 3 : 5)
                        .build(),
                List.of());

        assertThat(heirs.state(target)).isEqualTo("CLOSED");
        assertThat(breakers.state(target)).isEqualTo("OPEN");
    }

    @Test
    void names_of_the_same_model_share_a_breaker() {
        Target twin = new Target(
                "other",
                target.provider(),
                target.model(),
                target.body(),
                1,
                true,
                0.5,
                null,
                null,
                target.supports(),
                null,
                null);
        fail(5);

        assertThat(breakers.state(twin)).isEqualTo("OPEN");
        assertThat(breakers.of(twin, TestLimits.defaults())).isSameAs(breaker);
        assertThat(breakers.state(TestChains.target("b"))).isEqualTo("CLOSED");
        assertThat(breakers.openUntil(TestChains.target("b"), clock.millis())).isNull();
    }

    private Duration openFor() {
        return Duration.ofMillis(breakers.openUntil(target, clock.millis()) - clock.millis());
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            fail(failure());
        }
    }

    private void fail(CallFailed failed) {
        if (breaker.tryAcquirePermission()) {
            breaker.onError(1, TimeUnit.MILLISECONDS, failed);
        }
    }

    private void succeed() {
        assertThat(breaker.tryAcquirePermission()).isTrue();
        breakers.succeeded(target);
        breaker.onSuccess(1, TimeUnit.MILLISECONDS);
    }

    private static void inEightThreads(Runnable work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (Future<?> done :
                    IntStream.range(0, 8).mapToObj(i -> threads.submit(work)).toList()) {
                done.get();
            }
        }
    }

    private static CallFailed failure() {
        return new CallFailed(Failure.of(FailureClass.SERVER_ERROR, 500, "broken"));
    }

    private static CallFailed neutral() {
        return new CallFailed(Failure.of(FailureClass.RATE_LIMITED, 429, "slow down"));
    }
}
