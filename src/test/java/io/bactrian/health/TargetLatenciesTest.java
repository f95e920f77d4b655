package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Target;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TargetLatenciesTest {
    private final VirtualClock clock = new VirtualClock();
    private final TargetLatencies latencies = new TargetLatencies(clock);
    private final Target target = TestChains.target("a");

    @Test
    void p95_needs_twenty_samples_and_the_median_three() {
        assertThat(latencies.median(target, true)).isNull();
        take(2, 100);
        assertThat(latencies.median(target, true)).isNull();
        take(1, 100);
        assertThat(latencies.median(target, true)).isEqualTo(Duration.ofMillis(100));
        take(16, 100);
        assertThat(latencies.p95(target, true)).isNull();
        take(1, 100);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void quantiles_are_those_that_so_many_calls_kept_to() {
        IntStream.rangeClosed(1, 100).forEach(i -> take(1, i));

        assertThat(latencies.median(target, true)).isEqualTo(Duration.ofMillis(50));
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(95));
    }

    @Test
    void streams_and_documents_are_measured_apart() {
        take(20, 100);

        assertThat(latencies.p95(target, false)).isNull();
        assertThat(latencies.p95(TestChains.target("b"), true)).isNull();
    }

    @Test
    void only_the_last_hundred_count() {
        take(100, 5_000);
        take(95, 10);
        clock.pass(Duration.ofSeconds(1));

        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(10));
        assertThat(latencies.median(target, true)).isEqualTo(Duration.ofMillis(10));
    }

    @Test
    void samples_count_for_a_quarter_of_an_hour() {
        take(20, 100);
        clock.pass(Duration.ofMinutes(15).minusMillis(1));
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(100));

        clock.pass(Duration.ofSeconds(1));
        assertThat(latencies.p95(target, true)).isNull();
        assertThat(latencies.median(target, true)).isNull();
    }

    @Test
    void much_asked_target_is_worked_out_anew_only_now_and_then() {
        take(100, 10);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(10));

        take(24, 900);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(10));
        clock.pass(Duration.ofMillis(100));
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(900));

        take(25, 20);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(900));
        take(75, 20);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void timeout_is_a_bad_sample_however_short_the_time_was() {
        take(19, 400);
        latencies.timedOut(target, true, 50);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(400));

        IntStream.range(0, 20).forEach(i -> latencies.timedOut(target, true, 10_000));
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void times_beyond_all_measure_are_long_times_and_nothing_else() {
        take(20, Long.MAX_VALUE);
        latencies.firstToken(target, false, -5);
        latencies.firstToken(target, false, -5);
        latencies.firstToken(target, false, -5);

        assertThat(latencies.p95(target, true)).isBetween(Duration.ofHours(1), Duration.ofHours(2));
        assertThat(latencies.median(target, false)).isEqualTo(Duration.ZERO);
    }

    @Test
    void calls_under_way_are_counted_for_every_name_of_the_same_model() {
        Target other = TestChains.target("a");

        latencies.callStarted(target);
        latencies.callStarted(other);
        assertThat(latencies.inFlight(target)).isEqualTo(2);

        latencies.callEnded(other);
        latencies.callEnded(target);
        latencies.callEnded(target);
        assertThat(latencies.inFlight(target)).isZero();
    }

    @Test
    void what_threads_note_at_once_is_all_there() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 100)
                    .forEach(i -> threads.execute(() -> {
                        latencies.callStarted(target);
                        take(1, 100 + i);
                        latencies.p95(target, true);
                    }));
        }
        clock.pass(Duration.ofSeconds(1));

        assertThat(latencies.inFlight(target)).isEqualTo(100);
        assertThat(latencies.p95(target, true)).isEqualTo(Duration.ofMillis(194));
    }

    private void take(int times, long millis) {
        IntStream.range(0, times).forEach(i -> latencies.firstToken(target, true, millis));
    }
}
