package io.bactrian.health;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.MODEL_UNAVAILABLE;
import static io.bactrian.policy.FailureClass.OVERLOADED;
import static io.bactrian.policy.FailureClass.QUOTA_EXHAUSTED;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Cooldowns.Cooldown;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class CooldownsTest {
    private static final long MINUTES = 60_000;

    private final Cooldowns cooldowns = new Cooldowns();
    private final Target target = TestChains.target("a");
    private final Provider provider = target.provider();

    @Test
    void rate_limited_target_cools_as_long_as_it_asked() {
        note(RATE_LIMITED, Duration.ofSeconds(20), 1_000);

        assertThat(cooldowns.of(target, 20_999)).isEqualTo(new Cooldown(RATE_LIMITED, 1_000, 21_000, 1));
        assertThat(cooldowns.of(target, 21_000)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 1_000)).isNull();
    }

    @Test
    void rate_limited_target_cools_for_the_backoff_when_it_asked_for_nothing() {
        note(RATE_LIMITED, null, 1_000);

        assertThat(cooldowns.of(target, 1_000)).isEqualTo(new Cooldown(RATE_LIMITED, 1_000, 1_500, 1));
    }

    @Test
    void shorter_cooling_does_not_cut_a_longer_one() {
        note(RATE_LIMITED, Duration.ofSeconds(20), 0);
        note(RATE_LIMITED, Duration.ofSeconds(2), 0);

        assertThat(cooldowns.of(target, 0).until()).isEqualTo(20_000);
    }

    @Test
    void overloaded_target_cools_only_if_it_asked() {
        note(OVERLOADED, null, 0);
        assertThat(cooldowns.of(target, 0)).isNull();

        note(OVERLOADED, Duration.ofSeconds(3), 0);
        assertThat(cooldowns.of(target, 0)).isEqualTo(new Cooldown(OVERLOADED, 0, 3_000, 1));
    }

    @Test
    void missing_model_cools_for_five_minutes() {
        note(MODEL_UNAVAILABLE, null, 0);

        assertThat(cooldowns.of(target, 0)).isEqualTo(new Cooldown(MODEL_UNAVAILABLE, 0, 5 * MINUTES, 1));
    }

    @Test
    void refused_key_rests_for_five_minutes_with_all_its_targets() {
        note(AUTHENTICATION, null, 0);

        assertThat(cooldowns.of(target, 0)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 0)).isEqualTo(new Cooldown(AUTHENTICATION, 0, 5 * MINUTES, 1));
        assertThat(cooldowns.ofKey(provider, 1, 0)).isNull();
    }

    @Test
    void key_that_may_not_ask_one_model_rests_for_that_model_alone() {
        Failure failure = Failure.of(AUTHENTICATION, 403, "no").about(Failure.Concern.MODEL);
        cooldowns.note(target, 0, failure, 0, 0);

        assertThat(cooldowns.ofKey(target, 0, 0)).isNotNull();
        assertThat(cooldowns.ofKey(provider, 0, 0)).isNull();
    }

    @Test
    void what_one_request_asks_for_cools_nothing() {
        for (FailureClass type : FailureClass.values()) {
            cooldowns.note(target, 0, Failure.of(type, 402, "no").about(Failure.Concern.REQUEST), 9_000, 0);
        }

        assertThat(cooldowns.of(target, 0)).isNull();
        assertThat(cooldowns.ofKey(target, 0, 0)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 0)).isNull();
    }

    @Test
    void empty_account_rests_longer_each_time_up_to_an_hour() {
        long now = 0;
        for (long minutes : new long[] {5, 10, 20, 40, 60, 60}) {
            note(QUOTA_EXHAUSTED, null, now);
            assertThat(cooldowns.ofKey(provider, 0, now).until() - now).isEqualTo(minutes * MINUTES);
            now += minutes * MINUTES;
        }
    }

    @Test
    void calls_that_find_the_account_empty_together_count_once() {
        note(QUOTA_EXHAUSTED, null, 0);
        note(QUOTA_EXHAUSTED, null, 10);
        note(QUOTA_EXHAUSTED, null, 20);

        assertThat(cooldowns.ofKey(provider, 0, 20)).isEqualTo(new Cooldown(QUOTA_EXHAUSTED, 0, 5 * MINUTES, 1));
    }

    @Test
    void account_found_empty_after_its_key_was_refused_rests_as_for_the_first_time() {
        note(AUTHENTICATION, null, 0);
        note(QUOTA_EXHAUSTED, null, 6 * MINUTES);

        assertThat(cooldowns.ofKey(provider, 0, 6 * MINUTES).until()).isEqualTo(11 * MINUTES);
    }

    @Test
    void answer_to_a_call_that_began_before_does_not_end_the_cooling() {
        note(RATE_LIMITED, Duration.ofSeconds(20), 100);
        cooldowns.clear(target, 0, 50);

        assertThat(cooldowns.of(target, 100)).isNotNull();
    }

    @Test
    void answer_ends_the_cooling_and_the_doubling() {
        note(RATE_LIMITED, Duration.ofSeconds(20), 0);
        note(QUOTA_EXHAUSTED, null, 0);
        cooldowns.clear(target, 0, 1);

        assertThat(cooldowns.of(target, 0)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 0)).isNull();
        note(QUOTA_EXHAUSTED, null, 0);
        assertThat(cooldowns.ofKey(provider, 0, 0).until()).isEqualTo(5 * MINUTES);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"RATE_LIMITED", "OVERLOADED", "MODEL_UNAVAILABLE", "AUTHENTICATION", "QUOTA_EXHAUSTED"},
            mode = Mode.EXCLUDE)
    void other_failures_cool_nothing(FailureClass type) {
        note(type, Duration.ofSeconds(9), 0);

        assertThat(cooldowns.of(target, 0)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 0)).isNull();
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTHENTICATION", "QUOTA_EXHAUSTED"})
    void one_trial_in_ten_seconds_is_let_through_to_a_key_that_rests(FailureClass type) {
        note(type, null, 0);

        assertThat(cooldowns.claimTrial(provider, 0, 9_999)).isFalse();
        assertThat(cooldowns.claimTrial(provider, 0, 10_000)).isTrue();
        assertThat(cooldowns.claimTrial(provider, 0, 10_000)).isFalse();
        assertThat(cooldowns.claimTrial(provider, 0, 19_999)).isFalse();
        assertThat(cooldowns.claimTrial(provider, 0, 20_000)).isTrue();
        assertThat(cooldowns.claimTrial(provider, 1, 20_000)).as("another key").isFalse();
    }

    @Test
    void one_trial_in_ten_seconds_is_let_through_to_a_missing_model() {
        note(MODEL_UNAVAILABLE, null, 0);

        assertThat(cooldowns.claimTrial(target, 9_999)).isFalse();
        assertThat(cooldowns.claimTrial(target, 10_000)).isTrue();
        assertThat(cooldowns.claimTrial(target, 10_001)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(names = {"RATE_LIMITED", "OVERLOADED"})
    void what_ends_at_a_known_time_has_no_trial(FailureClass type) {
        note(type, Duration.ofMinutes(1), 0);

        assertThat(cooldowns.claimTrial(target, 59_999)).isFalse();
    }

    @Test
    void a_failed_trial_counts_as_the_last_call() {
        note(AUTHENTICATION, null, 0);
        assertThat(cooldowns.claimTrial(provider, 0, 10_000)).isTrue();
        note(AUTHENTICATION, null, 13_000);

        assertThat(cooldowns.claimTrial(provider, 0, 20_000)).isFalse();
        assertThat(cooldowns.claimTrial(provider, 0, 23_000)).isTrue();
    }

    @Test
    void a_successful_trial_ends_the_rest() {
        note(AUTHENTICATION, null, 0);
        note(MODEL_UNAVAILABLE, null, 0);
        cooldowns.clear(target, 0, 10_000);

        assertThat(cooldowns.of(target, 10_001)).isNull();
        assertThat(cooldowns.ofKey(provider, 0, 10_001)).isNull();
        assertThat(cooldowns.claimTrial(provider, 0, 10_001)).isFalse();
    }

    @Test
    void only_one_of_many_requests_gets_the_trial() throws InterruptedException {
        note(QUOTA_EXHAUSTED, null, 0);
        AtomicInteger claimed = new AtomicInteger();
        List<Thread> requests = IntStream.range(0, 50)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    if (cooldowns.claimTrial(provider, 0, 10_000)) {
                        claimed.incrementAndGet();
                    }
                }))
                .toList();
        for (Thread request : requests) {
            request.join();
        }

        assertThat(claimed).hasValue(1);
    }

    @Test
    void cooling_belongs_to_one_target() {
        note(RATE_LIMITED, Duration.ofSeconds(9), 0);
        note(SERVER_ERROR, null, 0);

        assertThat(cooldowns.of(TestChains.target("b"), 0)).isNull();
    }

    @Test
    void an_operator_s_word_forgets_the_target_and_the_keys_of_its_provider() {
        Target twoKeys = TestChains.target("b", TestChains.provider("of-b", "one", "two"), 1.0, null);
        Failure refused = new Failure(AUTHENTICATION, 401, null, null, null, null, null, "any");
        cooldowns.note(twoKeys, 0, refused, 500, 0);
        cooldowns.note(twoKeys, 1, refused, 500, 0);
        note(RATE_LIMITED, Duration.ofSeconds(9), 0);
        cooldowns.forget(twoKeys);

        assertThat(cooldowns.ofKey(twoKeys.provider(), 0, 0)).isNull();
        assertThat(cooldowns.ofKey(twoKeys.provider(), 1, 0)).isNull();
        assertThat(cooldowns.of(target, 0)).as("another's").isNotNull();
        cooldowns.forget(target);
        assertThat(cooldowns.of(target, 0)).isNull();
    }

    private void note(FailureClass type, Duration retryAfter, long now) {
        cooldowns.note(target, 0, new Failure(type, 429, retryAfter, null, null, null, null, "any"), 500, now);
    }

    @Test
    void a_cooldown_of_another_node_holds_for_an_hour_at_most_until_it_ends_there_or_a_call_succeeds() {
        cooldowns.hold(target, RATE_LIMITED, "eu-2", 0, 90 * MINUTES);
        Cooldown held = cooldowns.of(target, 1);
        assertThat(held).isNotNull();
        assertThat(held.by()).isEqualTo("eu-2");
        assertThat(held.until()).isEqualTo(60 * MINUTES);

        cooldowns.release(target, "eu-3");
        assertThat(cooldowns.of(target, 1)).isNotNull();
        cooldowns.release(target, "eu-2");
        assertThat(cooldowns.of(target, 1)).isNull();

        cooldowns.hold(target, RATE_LIMITED, "eu-2", 0, MINUTES);
        cooldowns.clear(target, 0, 10);
        assertThat(cooldowns.of(target, 1)).isNull();
    }
}
