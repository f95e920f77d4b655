package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetStoresTest {
    private static final int MANY = 25_000;

    private final VirtualClock clock = new VirtualClock();
    private final TargetStores stores = new TargetStores();
    private final Target configured = TestChains.target("a");

    @Test
    void what_callers_name_is_bounded_and_what_the_configuration_names_stays() {
        Cache<String, String> store = stores.store();
        stores.follow(List.of(configured));
        Target vectors = configured.at(Service.EMBEDDINGS);
        store.put(configured.key(), "chat");
        store.put(vectors.key(), "vectors");
        flood(store);

        assertThat(store.getIfPresent(configured.key())).isEqualTo("chat");
        assertThat(store.getIfPresent(vectors.key())).isEqualTo("vectors");
        assertThat(store.estimatedSize()).isLessThanOrEqualTo(10_002);
    }

    @Test
    void what_was_known_before_a_reload_stays_if_that_names_it_and_may_go_if_it_does_not() {
        Cache<String, String> store = stores.store();
        Target leaving = TestChains.target("b");
        stores.follow(List.of(leaving));
        store.put(configured.key(), "known");
        store.put(leaving.key(), "known");
        stores.follow(List.of(configured));
        flood(store);
        flood(store);

        assertThat(store.getIfPresent(configured.key())).isEqualTo("known");
        assertThat(store.estimatedSize()).isLessThanOrEqualTo(10_001);
    }

    @Test
    void cooldowns_latencies_and_keys_of_configured_targets_outlast_a_flood_of_names() {
        Cooldowns cooldowns = new Cooldowns(stores, () -> {});
        TargetLatencies latencies = new TargetLatencies(stores, clock);
        stores.follow(List.of(configured));
        Failure missing = Failure.of(FailureClass.MODEL_UNAVAILABLE, "no such model");
        Failure rejected = Failure.of(FailureClass.AUTHENTICATION, "no such key");
        cooldowns.note(configured, 0, missing, 0, clock.millis());
        cooldowns.note(configured, 0, rejected, 0, clock.millis());
        latencies.callStarted(configured);

        for (int i = 0; i < MANY; i++) {
            Target other = TestChains.target("x" + i);
            cooldowns.note(other, 0, missing, 0, clock.millis());
            latencies.callStarted(other);
        }

        assertThat(cooldowns.of(configured, clock.millis())).isNotNull();
        assertThat(cooldowns.ofKey(configured.provider(), 0, clock.millis())).isNotNull();
        assertThat(latencies.inFlight(configured)).isEqualTo(1);
    }

    private static void flood(Cache<String, String> store) {
        IntStream.range(0, MANY).forEach(i -> store.put("x" + i, "other"));
        store.cleanUp();
    }
}
