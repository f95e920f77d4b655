package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.alert.Observation.KeyView;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.Cooldowns;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The keys that are seen to be refused, until a success shows that they are not. */
final class RestingKeysTest {
    private static final Failure REFUSED = Failure.of(FailureClass.AUTHENTICATION, 401, "refused");

    private final Provider provider = TestChains.provider("p", "one", "two");
    private final Target target = TestChains.target("a", provider, 1, null);
    private final Cooldowns cooldowns = new Cooldowns();
    private long answers;
    private final RestingKeys keys = new RestingKeys(cooldowns, p -> answers);
    private long now = 1_800_000_000_000L;

    @Test
    void a_refused_key_is_seen_by_its_place() {
        cooldowns.note(target, 1, REFUSED, 0, now);

        assertThat(look()).containsExactly(new KeyView("p", 2, 2, FailureClass.AUTHENTICATION, now, true, 0));
    }

    @Test
    void a_success_ends_it() {
        cooldowns.note(target, 1, REFUSED, 0, now);
        look();
        now += 1_000;
        cooldowns.clear(target, 1, now);

        assertThat(look()).isEmpty();
    }

    @Test
    void a_rest_that_is_over_says_nothing_until_each_key_had_its_turn() {
        cooldowns.note(target, 1, REFUSED, 0, now);
        look();
        now += Duration.ofMinutes(6).toMillis();

        assertThat(look()).singleElement().returns(false, KeyView::resting);
        answers++;
        assertThat(look()).hasSize(1);
        answers++;
        assertThat(look()).isEmpty();
    }

    @Test
    void a_key_that_is_refused_again_stays_the_same_trouble() {
        long since = now;
        cooldowns.note(target, 1, REFUSED, 0, now);
        look();
        now += Duration.ofMinutes(6).toMillis();
        look();
        cooldowns.note(target, 1, REFUSED, 0, now);

        assertThat(look()).singleElement().returns(since, KeyView::since).returns(true, KeyView::resting);
    }

    @Test
    void a_rate_limit_is_none_of_its_business() {
        cooldowns.note(target, 1, Failure.of(FailureClass.RATE_LIMITED, 429, "slow down"), 5_000, now);

        assertThat(look()).isEmpty();
    }

    @Test
    void a_key_that_is_no_longer_configured_is_forgotten() {
        cooldowns.note(target, 1, REFUSED, 0, now);
        look();

        assertThat(keys.look(List.of(), now)).isEmpty();
        assertThat(keys.look(List.of(TestChains.provider("p", "other", "two")), now))
                .isEmpty();
    }

    private List<KeyView> look() {
        return keys.look(List.of(provider), now);
    }
}
