package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.config.Api;
import io.bactrian.config.Auth;
import io.bactrian.config.Provider;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Calls at once to a provider. */
final class ConnectionPermitsTest {
    private final ConnectionPermits permits = new ConnectionPermits();

    @Test
    void a_configuration_that_allows_more_lets_more_in_beside_those_under_way() {
        Semaphore two = permits.of(provider("one", 2));
        assertThat(two.tryAcquire(2)).isTrue();

        fit(provider("one", 3), provider("one", 2));

        assertThat(permits.of(provider("one", 3))).isSameAs(two);
        assertThat(two.tryAcquire()).isTrue();
        assertThat(two.tryAcquire()).isFalse();
    }

    @Test
    void a_configuration_that_allows_fewer_waits_for_those_under_way() {
        Semaphore three = permits.of(provider("one", 3));
        assertThat(three.tryAcquire(3)).isTrue();

        fit(provider("one", 1), provider("one", 3));

        three.release(2);
        assertThat(three.tryAcquire()).isFalse();
        three.release();
        assertThat(three.tryAcquire()).isTrue();
        assertThat(three.tryAcquire()).isFalse();
    }

    @Test
    void a_provider_at_another_address_does_not_wait_for_calls_to_the_old_one() {
        Semaphore old = permits.of(provider("one", 1));
        assertThat(old.tryAcquire()).isTrue();

        fit(provider("two", 1), provider("one", 1));

        assertThat(permits.of(provider("two", 1)).tryAcquire()).isTrue();
        assertThat(permits.of(provider("one", 1))).isSameAs(old);
    }

    @Test
    void callers_that_wait_get_permits_in_turn() throws InterruptedException {
        Provider one = provider("one", 1);
        Semaphore permit = permits.of(one);
        assertThat(permit.tryAcquire()).isTrue();
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        List<Thread> waiting = new ArrayList<>();
        for (String caller : List.of("ann", "ann", "ann", "bob")) {
            waiting.add(Thread.ofVirtual().start(() -> {
                try {
                    assertThat(permits.await(one, caller, 30_000, 30_000)).isTrue();
                    order.add(caller);
                    permit.release();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            Thread.State expected = Thread.State.TIMED_WAITING;
            await().until(() -> waiting.getLast().getState() == expected);
        }

        permit.release();
        for (Thread thread : waiting) {
            thread.join();
        }

        assertThat(order).hasSize(4);
        assertThat(order.indexOf("bob")).isLessThanOrEqualTo(1);
    }

    @Test
    void request_whose_turn_comes_late_still_waits_for_a_permit() throws Exception {
        Provider one = provider("one", 1);
        Semaphore permit = permits.of(one);
        assertThat(permit.tryAcquire()).isTrue();
        Thread first = Thread.ofVirtual().start(() -> {
            try {
                permits.await(one, "ann", 600, 60_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().until(() -> first.getState() == Thread.State.TIMED_WAITING);
        FutureTask<Boolean> second = new FutureTask<>(() -> permits.await(one, "ann", 800, 60_000));
        Thread.ofVirtual().start(second);

        first.join();
        // Past the 800 ms since it began, and well before those since its turn came.
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        permit.release();

        assertThat(second.get()).isTrue();
    }

    private void fit(Provider now, Provider before) {
        permits.fit(List.of(now), List.of(before));
    }

    private static Provider provider(String host, int connections) {
        return new Provider(
                "p",
                Api.OPENAI,
                URI.create("http://" + host + "/v1"),
                List.of("secret"),
                false,
                Auth.BEARER,
                Map.of(),
                Map.of(),
                connections,
                null);
    }
}
