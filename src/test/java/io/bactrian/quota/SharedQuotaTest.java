package io.bactrian.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.database.DatabaseWarnings;
import io.bactrian.testing.VirtualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class SharedQuotaTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final VirtualClock clock = new VirtualClock();
    private final Memory memory = new Memory();
    private final StoreGuard guardOfOne = guard();
    private final StoreGuard guardOfTwo = guard();
    private final Quota one = quota(guardOfOne);
    private final Quota two = quota(guardOfTwo);

    /** A store in memory with the clock of the test, which can be away. */
    private final class Memory implements QuotaStore {
        private final Map<String, byte[]> states = new ConcurrentHashMap<>();
        private volatile boolean away;

        @Override
        public void open() throws IOException {
            need();
        }

        private void need() throws IOException {
            if (away) {
                throw new IOException("away");
            }
        }

        @Override
        public State read(String key) throws IOException {
            need();
            return new State(states.get(key), clock.millis());
        }

        @Override
        public synchronized boolean replace(String key, State before, byte[] bytes, long fullIn) throws IOException {
            need();
            if (!Arrays.equals(states.get(key), before.bytes())) {
                return false;
            }
            states.put(key, bytes);
            return true;
        }

        @Override
        public void sweep() {}

        @Override
        public void close() {}
    }

    @Test
    void two_nodes_have_one_quota_that_fills_evenly() {
        long taken = IntStream.range(0, 30)
                .filter(i -> (i % 2 == 0 ? one : two).take(1) == 0)
                .count();
        assertThat(taken).isEqualTo(10);
        assertThat(one.take(1)).isEqualTo(6_000);
        clock.pass(Duration.ofSeconds(6));
        assertThat(two.take(1)).isZero();
        assertThat(one.take(1)).isPositive();
        assertThat(one.left()).isZero();
    }

    @Test
    void what_is_left_is_told_as_it_was_last_known_and_brought_up_to_date_on_request() {
        one.take(4);
        assertThat(two.left()).isEqualTo(10);
        two.refresh();
        assertThat(two.left()).isEqualTo(6);
        assertThat(two.fullIn()).isEqualTo(24_000);
        two.settle(12);
        one.refresh();
        assertThat(one.left()).isZero();
        assertThat(one.fullIn()).isEqualTo(96_000);
        two.settle(-12);
        one.refresh();
        assertThat(one.left()).isEqualTo(6);
    }

    @Test
    void without_the_store_each_node_grants_what_it_last_knew_to_be_left() {
        one.take(4);
        two.take(1);
        leave();
        assertThat(IntStream.range(0, 20).filter(i -> one.take(1) == 0).count()).isEqualTo(6);
        assertThat(IntStream.range(0, 20).filter(i -> two.take(1) == 0).count()).isEqualTo(5);
    }

    @Test
    void what_was_granted_without_the_store_is_taken_from_it_afterwards_but_never_more_than_it_has() {
        one.take(1);
        leave();
        assertThat(one.take(3)).isZero();
        assertThat(two.take(9)).isZero();
        memory.away = false;
        awaitStore(one);
        assertThat(one.left()).isEqualTo(6);
        awaitStore(two);
        assertThat(two.left()).isZero();
        clock.pass(Duration.ofSeconds(6));
        assertThat(one.take(1)).as("no debt").isZero();
    }

    @Test
    void what_has_been_filled_since_is_not_taken_again() {
        one.take(1);
        leave();
        assertThat(one.take(9)).isZero();
        clock.pass(Duration.ofMinutes(1));
        memory.away = false;
        awaitStore(one);
        assertThat(one.left()).isEqualTo(10);
    }

    @Test
    void what_turned_out_not_to_be_spent_while_the_store_was_away_is_given_back_to_it() {
        one.take(8);
        leave();
        one.settle(-5);
        assertThat(one.left()).isEqualTo(7);
        memory.away = false;
        awaitStore(one);
        assertThat(one.left()).isEqualTo(7);
        awaitStore(two);
        assertThat(two.left()).isEqualTo(7);
    }

    /** The store goes away, and both nodes notice it. */
    private void leave() {
        memory.away = true;
        one.refresh();
        two.refresh();
    }

    private void awaitStore(Quota quota) {
        StoreGuard guard = quota == one ? guardOfOne : guardOfTwo;
        await().atMost(SOON).until(() -> guard.<Integer>ask(() -> 1) != null);
        quota.refresh();
    }

    private Quota quota(StoreGuard guard) {
        guard.open(SOON);
        return new SharedQuota(new MinuteQuota(10, clock), new SharedBuckets(memory).of("requests/10/ann", 10), guard);
    }

    private StoreGuard guard() {
        DatabaseWarnings warnings = new DatabaseWarnings(
                LoggerFactory.getLogger("shared-quota-test"), "redis://h", "callers' limits", "alone", clock);
        return new StoreGuard(memory, warnings, clock, shared -> {}, (int) SOON.toMillis());
    }

    @AfterEach
    void close() {
        guardOfOne.close();
        guardOfTwo.close();
    }
}
