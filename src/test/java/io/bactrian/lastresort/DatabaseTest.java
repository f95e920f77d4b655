package io.bactrian.lastresort;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Ports;
import io.bactrian.testing.VirtualClock;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A database that is unavailable for queries. */
class DatabaseTest {
    private final VirtualClock clock = new VirtualClock();

    private Database database(int port) {
        return new Database("jdbc:postgresql://127.0.0.1:" + port + "/x?user=u", List.of("select 1"), clock);
    }

    /** The least of three: a busy machine may delay one, a database that is asked delays each. */
    private static Duration least(Runnable what) {
        return Stream.generate(() -> time(what))
                .limit(3)
                .min(Duration::compareTo)
                .orElseThrow();
    }

    private static Duration time(Runnable what) {
        long start = System.nanoTime();
        what.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void one_that_says_nothing_costs_those_who_ask_a_second_together_and_the_next_nothing() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
                Database database = database(silent.getLocalPort());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Duration all = time(() -> {
                List<Future<String>> asked = IntStream.range(0, 64)
                        .mapToObj(i -> threads.submit(() -> database.ask(connection -> "never")))
                        .toList();
                assertThat(asked).allSatisfy(one -> assertThat(one.get()).isNull());
            });

            assertThat(all).isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
            assertThat(least(() -> assertThat(database.<String>ask(connection -> "never"))
                            .isNull()))
                    .isLessThan(Duration.ofMillis(100));
            assertThat(database.tell(connection -> null)).isFalse();
        }
    }

    @Test
    void one_that_refuses_is_asked_again_after_a_rest() {
        try (Database database = database(Ports.free())) {
            assertThat(database.tell(connection -> null)).isFalse();
            assertThat(least(() -> database.tell(connection -> null))).isLessThan(Duration.ofMillis(100));

            clock.pass(Duration.ofSeconds(5));
            assertThat(time(() -> database.tell(connection -> null))).isGreaterThan(Duration.ofMillis(200));
        }
    }
}
