package io.bactrian.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.ConcurrentCallers;
import io.github.bucket4j.Bucket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of quotas does. */
abstract class QuotaStoreContract {
    private final String key = "requests/5/ann " + UUID.randomUUID();
    private QuotaStore one;
    private QuotaStore two;

    /** The store as another node sees it. */
    abstract QuotaStore connect();

    @BeforeEach
    void open() throws Exception {
        one = connect();
        two = connect();
        one.open();
        two.open();
    }

    @Test
    void a_state_is_replaced_unless_it_has_changed() throws Exception {
        QuotaStore.State none = one.read(key);
        assertThat(none.bytes()).isNull();
        assertChange(one.replace(key, none, bytes("first"), 60_000), true, "first");
        assertChange(two.replace(key, none, bytes("other"), 60_000), false, "first");

        QuotaStore.State first = two.read(key);
        assertThat(first.bytes()).isEqualTo(bytes("first"));
        assertChange(two.replace(key, first, bytes("second"), 60_000), true, "second");
        assertChange(one.replace(key, first, bytes("other"), 60_000), false, "second");
        assertThat(one.read(key).bytes()).isEqualTo(bytes("second"));
    }

    private static void assertChange(QuotaStore.Change change, boolean made, String state) {
        assertThat(change.made()).isEqualTo(made);
        assertThat(change.state().bytes()).isEqualTo(bytes(state));
        assertThat(change.state().now())
                .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
    }

    @Test
    void a_state_that_is_gone_is_not_replaced() throws Exception {
        QuotaStore.State gone =
                new QuotaStore.State(bytes("gone"), one.read(key).now());
        QuotaStore.Change change = one.replace(key, gone, bytes("next"), 60_000);
        assertThat(change.made()).isFalse();
        assertThat(change.state().bytes()).isNull();
        assertThat(one.replace(key, change.state(), bytes("next"), 60_000).made())
                .isTrue();
    }

    @Test
    void the_time_is_that_of_the_store() throws Exception {
        long before = one.read(key).now();
        assertThat(before).isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
        await().atMost(Duration.ofSeconds(20)).until(() -> two.read(key).now() > before);
    }

    @Test
    void a_state_that_may_be_forgotten_is_gone_in_the_end() throws Exception {
        one.replace(key, one.read(key), bytes("full"), 1);
        String other = key + " still filling";
        one.replace(other, one.read(other), bytes("filling"), 600_000);

        await().atMost(Duration.ofSeconds(20)).until(() -> {
            two.sweep();
            return two.read(key).bytes() == null;
        });
        assertThat(two.read(other).bytes()).isEqualTo(bytes("filling"));
    }

    @Test
    void two_nodes_at_once_take_exactly_what_there_is() {
        int limit = 50;
        // So slow a filling that none comes in meanwhile would need a limit a day; what is filled is counted instead.
        Bucket atOne = new SharedBuckets(one).of(key, limit);
        Bucket atTwo = new SharedBuckets(two).of(key, limit);
        long begun = System.nanoTime();

        long taken = ConcurrentCallers.run(IntStream.range(0, 200)
                        .<Callable<Boolean>>mapToObj(i -> () -> (i % 2 == 0 ? atOne : atTwo).tryConsume(1))
                        .toList())
                .stream()
                .filter(Boolean::booleanValue)
                .count();

        long seconds = Duration.ofNanos(System.nanoTime() - begun).toSeconds() + 1;
        assertThat(taken).isBetween((long) limit, limit + limit * seconds / 60 + 1);
    }

    @Test
    void what_is_spent_beyond_the_limit_and_what_is_given_back_is_known_to_both() {
        Bucket atOne = new SharedBuckets(one).of(key, 100);
        Bucket atTwo = new SharedBuckets(two).of(key, 100);

        assertThat(atOne.tryConsume(60)).isTrue();
        atOne.consumeIgnoringRateLimits(100);
        assertThat(atTwo.getAvailableTokens()).isNegative();
        assertThat(atTwo.tryConsume(1)).isFalse();

        atTwo.addTokens(150);
        assertThat(atOne.tryConsume(40)).isTrue();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
    }
}
