package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bactrian.protocol.CallerProtocols;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.quota.Quota;
import io.bactrian.quota.Quotas;
import io.bactrian.quota.Taking;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class CallerRateLimitsTest {
    private final VirtualClock clock = new VirtualClock();
    private final Slow slow = new Slow();
    private final CallerBudget budget = new CallerBudget("ann", null, slow);

    /** A quota that waits for its store. */
    private static final class Slow implements Quota {
        final CountDownLatch answers = new CountDownLatch(1);
        long wait;
        volatile long settled;

        @Override
        public int perMinute() {
            return 100;
        }

        @Override
        public Taking begin(long amount) {
            return Taking.asked(() -> wait);
        }

        @Override
        public void settle(long amount) {
            try {
                answers.await();
                settled = amount;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void refresh() {}

        @Override
        public long left() {
            return 100;
        }

        @Override
        public long fullIn() {
            return 0;
        }
    }

    private CallerRateLimits limits(String store) {
        return new CallerRateLimits(
                Map.of(),
                store,
                new CallerBudgets(new Quotas(clock, shared -> {})),
                new CallerProtocols(List.of(ChatCompletions.PROTOCOL)),
                clock);
    }

    @Test
    @Timeout(20)
    void the_end_of_an_exchange_does_not_wait_for_a_store() {
        limits("jdbc:postgresql://db/limits").settle(budget, 3, 10);
        assertThat(slow.settled).isZero();
        slow.answers.countDown();
        await().atMost(Duration.ofSeconds(20)).until(() -> slow.settled == 7);
    }

    @Test
    void without_a_store_the_next_request_finds_the_cost_taken() {
        slow.answers.countDown();
        limits("").settle(budget, 3, 10);
        assertThat(slow.settled).isEqualTo(7);
    }

    @Test
    void the_prompt_of_a_request_too_many_is_given_back() {
        slow.answers.countDown();
        Slow requests = new Slow();
        requests.wait = 5_000;
        CallerBudget both = new CallerBudget("ann", requests, slow);

        assertThatThrownBy(() -> CallerRateLimits.charge(both, both.request(), 60))
                .hasMessageContaining("100 requests a minute");

        assertThat(slow.settled).isEqualTo(-60);
    }

    @Test
    void a_request_too_many_is_told_before_a_prompt_that_is_never_admitted() {
        Slow requests = new Slow();
        requests.wait = 5_000;
        CallerBudget both = new CallerBudget("ann", requests, slow);

        assertThatThrownBy(() -> CallerRateLimits.charge(both, both.request(), 101))
                .hasMessageContaining("100 requests a minute");
        requests.wait = 0;
        assertThatThrownBy(() -> CallerRateLimits.charge(both, both.request(), 101))
                .hasMessageContaining("never be admitted");
    }

    @Test
    void a_prompt_that_is_refused_is_not_given_back() {
        slow.wait = 5_000;
        CallerBudget both = new CallerBudget("ann", new Slow(), slow);
        assertThatThrownBy(() -> CallerRateLimits.charge(both, both.request(), 60))
                .hasMessageContaining("100 tokens a minute");
        assertThat(slow.settled).isZero();
    }
}
