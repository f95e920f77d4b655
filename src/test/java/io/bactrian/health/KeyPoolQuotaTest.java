package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Cooldowns.Cooldown;
import io.bactrian.health.KeyPool.Key;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class KeyPoolQuotaTest {
    private static final long MINUTE = 60_000;

    private final Cooldowns cooldowns = new Cooldowns();
    private final KeyPool keyPool = new KeyPool(cooldowns);
    private final Provider provider = TestChains.provider("p", "red", "green");
    private final Target target = TestChains.target("a", provider, 1, null);
    private final Target sibling = TestChains.target("b", provider, 1, null);
    private final Target single = TestChains.target("s", TestChains.provider("one", "only"), 1, null);

    private Key take(Target of, long now) {
        return Objects.requireNonNull(keyPool.take(of, now));
    }

    private String secret(long now) {
        return take(target, now).secret();
    }

    private static Failure limited(long millis) {
        return new Failure(
                FailureClass.RATE_LIMITED, 429, Duration.ofMillis(millis), null, null, null, null, "too fast");
    }

    private void told(Key key, long startedAt, RemainingQuota... left) {
        keyPool.noteRemaining(target, key, startedAt, List.of(left));
    }

    private static RemainingQuota requests(long left, long limit, long at) {
        return new RemainingQuota(true, left, limit, at, at + MINUTE);
    }

    private static RemainingQuota tokens(long left, long limit, long at) {
        return new RemainingQuota(false, left, limit, at, at + MINUTE);
    }

    @Nested
    class Limited {
        @Test
        void key_rests_for_the_target_that_limits_it_and_for_no_other() {
            cooldowns.note(target, 0, limited(20_000), 500, 0);

            assertThat(List.of(secret(0), secret(0))).containsExactly("green", "green");
            assertThat(List.of(take(sibling, 0).secret(), take(sibling, 0).secret()))
                    .containsExactlyInAnyOrder("red", "green");
            assertThat(cooldowns.of(target, 0)).isNull();
            assertThat(keyPool.restingKeys(target, 0)).isEqualTo(1);
            assertThat(keyPool.another(target, 0, 0)).isTrue();
            assertThat(keyPool.another(target, 1, 0)).isFalse();
            assertThat(List.of(secret(20_000), secret(20_000))).containsExactlyInAnyOrder("red", "green");
        }

        @Test
        void without_another_key_the_target_itself_cools() {
            cooldowns.note(single, 0, limited(20_000), 500, 0);

            assertThat(cooldowns.of(single, 0)).isEqualTo(new Cooldown(FailureClass.RATE_LIMITED, 0, 20_000, 1));
            assertThat(keyPool.another(single, 0, 0)).isFalse();
            assertThat(keyPool.forTarget(single, limited(7), 0)).isEqualTo(limited(7));
        }

        @Test
        void all_limited_keys_rest_until_the_first_is_back() {
            cooldowns.note(target, 0, limited(20_000), 500, 0);
            cooldowns.note(target, 1, limited(9_000), 500, 0);

            assertThat(keyPool.take(target, 0)).isNull();
            assertThat(keyPool.resting(target, 0)).isEqualTo(new Cooldown(FailureClass.RATE_LIMITED, 0, 9_000, 1));
            assertThat(keyPool.resting(sibling, 0)).isNull();
            assertThat(secret(9_000)).isEqualTo("green");
        }

        @Test
        void answer_ends_the_rest() {
            cooldowns.note(target, 0, limited(20_000), 500, 10);
            cooldowns.clear(target, 0, 10);
            assertThat(keyPool.restingKeys(target, 10)).isEqualTo(1);

            cooldowns.clear(target, 0, 11);
            assertThat(keyPool.restingKeys(target, 11)).isZero();
        }

        @Test
        void last_keys_failure_is_a_limit_of_the_target_as_long_as_another_key_comes_back_from_one() {
            cooldowns.note(target, 0, limited(2_000), 500, 0);
            Failure refused = Failure.of(FailureClass.AUTHENTICATION, 401, "no");
            cooldowns.note(target, 1, refused, 500, 500);

            Failure seen = keyPool.forTarget(target, refused, 500);

            assertThat(seen.type()).isEqualTo(FailureClass.RATE_LIMITED);
            assertThat(seen.retryAfter()).isEqualTo(Duration.ofMillis(1_500));
            assertThat(keyPool.forTarget(target, Failure.of(FailureClass.SERVER_ERROR, "no"), 500)
                            .type())
                    .isEqualTo(FailureClass.SERVER_ERROR);
        }

        @Test
        void dead_keys_make_no_limit() {
            Failure refused = Failure.of(FailureClass.AUTHENTICATION, 401, "no");
            cooldowns.note(target, 0, refused, 500, 0);
            assertThat(keyPool.forTarget(target, refused, 0)).isEqualTo(refused);

            cooldowns.note(target, 1, refused, 500, 0);
            assertThat(keyPool.forTarget(target, refused, 0)).isEqualTo(refused);
        }
    }

    @Nested
    class Told {
        @Test
        void key_with_nothing_left_rests_until_its_reset_and_the_other_goes_on() {
            Key red = take(target, 0);
            told(red, 0, requests(0, 60, 100));

            assertThat(List.of(secret(100), secret(100), secret(100))).containsOnly("green");
            assertThat(List.of(take(sibling, 100).secret(), take(sibling, 100).secret()))
                    .contains("red");
            assertThat(keyPool.steered()).isEqualTo(1);
            assertThat(List.of(secret(100 + MINUTE), secret(100 + MINUTE))).contains("red");
        }

        @Test
        void target_cools_until_the_reset_once_no_key_has_anything_left() {
            told(take(target, 0), 0, requests(0, 60, 100));
            told(take(target, 0), 0, tokens(0, 0, 5_100));

            assertThat(keyPool.take(target, 5_100)).isNull();
            assertThat(keyPool.resting(target, 5_100))
                    .isEqualTo(new Cooldown(FailureClass.RATE_LIMITED, 5_100, 100 + MINUTE, 1));
        }

        @Test
        void next_to_nothing_is_nothing() {
            told(take(target, 0), 0, tokens(299, 30_000, 0));
            assertThat(keyPool.restingKeys(target, 0)).isEqualTo(1);

            told(new Key(0, "red", 0), 0, tokens(300, 30_000, 0));
            assertThat(keyPool.restingKeys(target, 0)).isZero();
        }

        @Test
        void key_that_is_low_is_spared_while_the_other_is_not() {
            told(take(target, 0), 0, tokens(2_999, 30_000, 0));
            assertThat(List.of(secret(0), secret(0))).containsOnly("green");

            told(new Key(1, "green", 0), 0, tokens(2_000, 30_000, 0));
            assertThat(List.of(secret(0), secret(0))).containsExactlyInAnyOrder("red", "green");
        }

        @Test
        void single_key_that_is_low_is_used_and_one_that_is_used_up_rests() {
            keyPool.noteRemaining(single, take(single, 0), 0, List.of(tokens(2_999, 30_000, 0)));
            assertThat(take(single, 0).secret()).isEqualTo("only");

            keyPool.noteRemaining(single, take(single, 0), 0, List.of(tokens(0, 30_000, 0)));
            assertThat(keyPool.take(single, 0)).isNull();
            assertThat(keyPool.steered()).isZero();
        }

        @Test
        void reset_that_is_far_off_is_believed_for_five_minutes() {
            keyPool.noteRemaining(
                    single, take(single, 0), 0, List.of(new RemainingQuota(true, 0, 1_000, 0, 24 * 60 * MINUTE)));

            assertThat(keyPool.take(single, 5 * MINUTE - 1)).isNull();
            assertThat(take(single, 5 * MINUTE).secret()).isEqualTo("only");
        }

        @Test
        void later_answer_with_more_left_lifts_the_rest_and_an_earlier_ones_does_not() {
            keyPool.noteRemaining(single, take(single, 0), 0, List.of(requests(5, 60, 0)));
            Key first = take(single, 0);
            Key second = take(single, 0);

            keyPool.noteRemaining(single, second, 0, List.of(requests(0, 60, 10)));
            keyPool.noteRemaining(single, first, 0, List.of());
            assertThat(keyPool.take(single, 10)).isNull();

            keyPool.noteRemaining(single, second, 0, List.of());
            assertThat(keyPool.take(single, 10)).isNotNull();
        }

        @Test
        void calls_made_since_are_taken_off() {
            Key told = take(single, 0);
            keyPool.noteRemaining(single, told, 0, List.of(requests(3, 60, 0)));

            assertThat(List.of(
                            take(single, 0).call(),
                            take(single, 0).call(),
                            take(single, 0).call()))
                    .containsExactly(1L, 2L, 3L);
            assertThat(keyPool.take(single, 0)).isNull();
        }

        @Test
        void calls_that_were_under_way_when_it_was_said_are_taken_off() {
            keyPool.noteRemaining(single, take(single, 0), 0, List.of(requests(30, 60, 0)));
            Key first = take(single, 0);
            for (int i = 0; i < 10; i++) {
                take(single, 0);
            }

            keyPool.noteRemaining(single, first, 0, List.of(requests(3, 60, 200)));

            assertThat(keyPool.take(single, 200)).isNull();
        }

        @Test
        void what_comes_back_meanwhile_makes_up_for_calls_but_not_for_what_is_missing() {
            // All of 60 are back within a minute: one in each second.
            keyPool.noteRemaining(single, take(single, 0), 0, List.of(requests(0, 60, 0)));
            assertThat(keyPool.take(single, 30_000)).isNull();

            keyPool.noteRemaining(single, new Key(0, "only", 0), 30_000, List.of(requests(4, 64, 30_000)));
            for (int i = 1; i <= 20; i++) {
                assertThat(keyPool.take(single, 30_000 + i * 1_000)).isNotNull();
            }
        }

        @Test
        void nothing_is_kept_of_those_who_never_run_short() {
            told(take(target, 0), 0);

            assertThat(take(target, 0).call()).isZero();
        }
    }
}
