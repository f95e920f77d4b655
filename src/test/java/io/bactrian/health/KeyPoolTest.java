package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.KeyPool.Key;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import org.junit.jupiter.api.Test;

class KeyPoolTest {
    private static final long REST = 300_000;

    private final Cooldowns cooldowns = new Cooldowns();
    private final KeyPool keyPool = new KeyPool(cooldowns);
    private final Provider provider = TestChains.provider("p", "red", "green", "blue");
    private final Target target = TestChains.target("a", provider, 1, null);

    @Test
    void keys_are_used_in_turn() {
        assertThat(take(0)).isEqualTo("red");
        assertThat(take(0)).isEqualTo("green");
        assertThat(take(0)).isEqualTo("blue");
        assertThat(take(0)).isEqualTo("red");
    }

    @Test
    void resting_key_is_passed_over_until_it_is_well() {
        refuse(0, 0);

        assertThat(take(0)).isEqualTo("green");
        assertThat(take(0)).isEqualTo("green");
        assertThat(take(0)).isEqualTo("blue");
        assertThat(take(REST)).isEqualTo("red");
    }

    @Test
    void nothing_is_left_when_every_key_rests() {
        refuse(0, 20);
        refuse(1, 10);
        assertThat(keyPool.another(target, 1, 20)).isTrue();
        assertThat(keyPool.another(target, 2, 20)).isFalse();
        refuse(2, 30);

        assertThat(keyPool.take(target, 30)).isNull();
        assertThat(keyPool.another(target, 2, 30)).isFalse();
        assertThat(keyPool.resting(target, 30).until()).isEqualTo(10 + REST);
        assertThat(keyPool.another(target, 2, 10 + REST)).isTrue();
    }

    @Test
    void a_trial_has_a_key_whose_trial_is_due() {
        refuse(0, 2_000);
        refuse(1, 1_000);
        refuse(2, 5_000);

        assertThat(keyPool.trialAt(target, 5_000)).isEqualTo(11_000);
        assertThat(keyPool.takeForTrial(target, 10_999)).isNull();
        assertThat(keyPool.takeForTrial(target, 11_000)).returns("green", Key::secret);
        assertThat(keyPool.takeForTrial(target, 11_000)).isNull();
        assertThat(keyPool.takeForTrial(target, 12_000)).returns("red", Key::secret);
        assertThat(keyPool.trialAt(target, 12_000)).isEqualTo(15_000);
    }

    @Test
    void a_trial_of_a_key_is_one_for_all_models_of_the_provider() {
        Target other = TestChains.target("b", provider, 1, null);
        for (int key = 0; key < 3; key++) {
            refuse(key, 0);
        }
        for (int key = 0; key < 3; key++) {
            assertThat(keyPool.takeForTrial(key == 1 ? other : target, 10_000)).isNotNull();
        }

        assertThat(keyPool.takeForTrial(other, 10_000)).isNull();
        assertThat(keyPool.takeForTrial(target, 10_000)).isNull();
    }

    @Test
    void a_trial_of_a_missing_model_takes_the_next_key_in_turn() {
        cooldowns.note(target, 0, Failure.of(FailureClass.MODEL_UNAVAILABLE, "gone"), 500, 0);

        assertThat(keyPool.takeForTrial(target, 9_999)).isNull();
        assertThat(keyPool.takeForTrial(target, 10_000)).returns("red", Key::secret);
        assertThat(keyPool.takeForTrial(target, 10_000)).isNull();
    }

    @Test
    void a_target_that_is_back_needs_no_trial() {
        assertThat(keyPool.takeForTrial(target, 0)).returns("red", Key::secret);
        assertThat(keyPool.takeForTrial(target, 0)).returns("green", Key::secret);
    }

    @Test
    void keyless_provider_has_an_empty_key() {
        assertThat(keyPool.take(TestChains.target("l", TestChains.provider("local"), 1, null), 0))
                .isEqualTo(new Key(0, "", 0));
    }

    @Test
    void keyless_provider_that_refuses_rests_too() {
        Target local = TestChains.target("l", TestChains.provider("local"), 1, null);
        cooldowns.note(local, 0, Failure.of(FailureClass.AUTHENTICATION, "no"), 500, 0);

        assertThat(keyPool.take(local, 0)).isNull();
    }

    @Test
    void key_does_not_print_its_secret() {
        assertThat(keyPool.take(target, 0)).hasToString("Key[0]");
    }

    private String take(long now) {
        return keyPool.take(target, now).secret();
    }

    private void refuse(int key, long now) {
        cooldowns.note(target, key, Failure.of(FailureClass.AUTHENTICATION, "no"), 500, now);
    }
}
