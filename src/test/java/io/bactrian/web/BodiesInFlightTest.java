package io.bactrian.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.web.BodiesInFlight.Claim;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Bodies in flight have bounds together and for each caller, and what does not fit takes no room. */
class BodiesInFlightTest {
    private final BodiesInFlight bodies = new BodiesInFlight();

    @Test
    void what_does_not_fit_takes_room_from_what_fits_at_no_moment() throws Exception {
        Claim large = bodies.claim("one", 20_000, true);
        assertThat(large.take(8_999)).isTrue();
        assertThat(bodies.claim("one", 20_000, true).take(1)).isTrue();
        CyclicBarrier start = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            for (int i = 0; i < 200; i++) {
                Claim small = bodies.claim("one", 20_000, true);
                Future<Integer> fitting = threads.submit(() -> taken(start, small, 1, 1_000));
                Future<Integer> tooLarge = threads.submit(() -> taken(start, large, 1_001, 1_000));
                assertThat(fitting.get()).isEqualTo(1_000);
                assertThat(tooLarge.get()).isZero();
                small.giveBack();
            }
        }
    }

    private static int taken(CyclicBarrier start, Claim claim, long bytes, int times) throws Exception {
        start.await(10, TimeUnit.SECONDS);
        int taken = 0;
        for (int i = 0; i < times; i++) {
            taken += claim.take(bytes) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void one_of_several_callers_has_half_or_a_single_body() {
        Claim alone = bodies.claim("one", 100, true);
        assertThat(alone.take(80)).isTrue();
        assertThat(alone.take(21)).isFalse();
        assertThat(bodies.claim("one", 100, true).take(1)).isFalse();
        Claim other = bodies.claim("other", 100, true);
        assertThat(other.take(20)).isTrue();
        assertThat(other.take(1)).isFalse();
        alone.giveBack();
        assertThat(other.take(80)).isTrue();
        assertThat(bodies.bytes()).isEqualTo(100);
    }

    @Test
    void the_only_caller_has_all_of_it() {
        Claim first = bodies.claim("one", 100, false);
        Claim second = bodies.claim("one", 100, false);
        assertThat(first.take(60)).isTrue();
        assertThat(second.take(40)).isTrue();
        assertThat(second.take(1)).isFalse();
        second.giveBack();
        second.giveBack();
        assertThat(bodies.bytes()).isEqualTo(60);
    }
}
