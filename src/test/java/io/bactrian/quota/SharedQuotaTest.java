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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
        private final AtomicInteger questions = new AtomicInteger();
        private final Semaphore door = new Semaphore(1);
        private volatile boolean away;

        @Override
        public void open() throws IOException {
            need();
        }

        private void need() throws IOException {
            questions.incrementAndGet();
            door.acquireUninterruptibly();
            door.release();
            if (away) {
                throw new IOException("away");
            }
        }

        @Override
        public State read(String key) throws IOException {
            need();
            return state(key);
        }

        private State state(String key) {
            return new State(states.get(key), clock.millis());
        }

        @Override
        public Change replace(String key, State expected, byte[] bytes, long fullIn) throws IOException {
            need();
            synchronized (this) {
                boolean made = Arrays.equals(states.get(key), expected.bytes());
                if (made) {
                    states.put(key, bytes);
                }
                return new Change(made, state(key));
            }
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

    @Test
    void small_amounts_of_plenty_are_granted_without_waiting_for_the_store() throws Exception {
        Quota large = quota(1_000, guardOfOne);
        Quota atTwo = quota(1_000, guardOfTwo);
        assertThat(large.take(1)).isZero();
        int before = memory.questions.get();
        memory.door.acquire();
        IntStream.range(0, 10).forEach(i -> assertThat(large.take(1)).isZero());
        assertThat(large.left()).isEqualTo(989);
        assertThat(memory.questions).as("of which the first waits").hasValueLessThanOrEqualTo(before + 1);
        memory.door.release();
        await().atMost(SOON).untilAsserted(() -> {
            atTwo.refresh();
            assertThat(atTwo.left()).isEqualTo(989);
        });
        assertThat(large.left()).isEqualTo(989);
    }

    @Test
    void two_amounts_are_asked_for_at_the_same_time_and_one_that_will_be_refused_is_waited_for() throws Exception {
        Quota other = quota(20, guardOfOne);
        one.take(1);
        other.take(1);
        int before = memory.questions.get();
        memory.door.acquire();
        Taking first = one.begin(9);
        Taking second = other.begin(1);
        await().atMost(SOON).until(() -> memory.questions.get() == before + 2);
        assertThat(first.isKnown() || second.isKnown()).isFalse();
        memory.door.release();
        assertThat(first.result()).isZero();
        assertThat(second.result()).isZero();

        assertThat(one.begin(1).isKnown()).as("what is refused").isTrue();
    }

    @Test
    void no_node_grants_more_than_a_hundredth_before_the_store_has_answered() throws Exception {
        Quota large = quota(1_000, guardOfOne);
        large.take(1);
        memory.door.acquire();
        AtomicInteger granted = new AtomicInteger();
        IntStream.range(0, 50).forEach(i -> Thread.ofVirtual().start(() -> {
            large.take(1);
            granted.incrementAndGet();
        }));
        await().atMost(SOON).during(Duration.ofMillis(200)).untilAsserted(() -> assertThat(granted)
                .hasValue(10));
        memory.door.release();
        Quota atTwo = quota(1_000, guardOfTwo);
        await().atMost(SOON).untilAsserted(() -> {
            atTwo.refresh();
            assertThat(atTwo.left()).isEqualTo(949);
        });
    }

    @Test
    void what_was_granted_ahead_of_the_store_is_owed_where_another_node_took_the_rest() throws Exception {
        Quota large = quota(1_000, guardOfOne);
        Quota atTwo = quota(1_000, guardOfTwo);
        large.take(1);
        atTwo.take(999);
        assertThat(large.take(10)).isZero();
        await().atMost(SOON).until(() -> large.left() == 0);
        clock.pass(Duration.ofMillis(600));
        assertThat(atTwo.take(1)).as("ten fill in, and ten are owed").isPositive();
        clock.pass(Duration.ofMillis(60));
        assertThat(atTwo.take(1)).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 0, a large amount",
        "1, 900, 0, not plenty",
        "1, 0, 1001, what was known is old",
    })
    void other_amounts_are_granted_by_the_store_alone(int amount, int takenBefore, int millisBefore, String why) {
        Quota large = quota(1_000, guardOfOne);
        Quota atTwo = quota(1_000, guardOfTwo);
        large.take(1);
        atTwo.take(takenBefore + 1);
        large.refresh();
        clock.pass(Duration.ofMillis(millisBefore));
        int before = memory.questions.get();
        assertThat(large.take(amount)).as(why).isZero();
        assertThat(memory.questions).as(why).hasValueGreaterThan(before);
        atTwo.refresh();
        assertThat(atTwo.left()).isEqualTo(large.left());
    }

    private Quota quota(StoreGuard guard) {
        return quota(10, guard);
    }

    private Quota quota(int perMinute, StoreGuard guard) {
        guard.open(SOON);
        return new SharedQuota(
                new MinuteQuota(perMinute, clock),
                new SharedBuckets(memory, () -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                        .of("requests/" + perMinute + "/ann", perMinute),
                guard);
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
