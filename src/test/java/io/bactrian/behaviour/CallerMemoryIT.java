package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.StubProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/** The memory that callers cost who read nothing. */
@Isolated("it measures the heap")
final class CallerMemoryIT {
    /** What other things may need meanwhile: caches that are filled, classes that are loaded. */
    private static final long NOISE = 16L << 20;

    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=60s",
                    "bactrian.defaults.stream-rescue=off")
            .openai("p-openai", "f")
            .anthropic("p-anthropic");

    /**
     * Fails if what the provider sends is read on into memory. As far as it is bounded, 1 MB for each caller is far above the
     * buffers that a stream has and far below a bound that would hurt, such as the 64 MB of an answer that is held back; where
     * it is not, the flood never stands still.
     */
    @Test
    void forty_callers_who_read_nothing_cost_little_memory() {
        NumberedFlood openai = new NumberedFlood("openai", 1, Long.MAX_VALUE);
        NumberedFlood anthropic = new NumberedFlood("anthropic", 1, Long.MAX_VALUE);
        gateway.stub("p-openai").answers(openai);
        gateway.stub("p-anthropic").answers(anthropic);
        List<RawCaller> callers = new CopyOnWriteArrayList<>();
        gateway.ask(gateway.along("f").stream(true));
        long before = heap();
        try {
            Pair.atOnce(pair -> {
                for (int i = 0; i < 10; i++) {
                    callers.add(gateway.raw(gateway.along(pair.provider("p"), "f").by(pair.caller()).stream(true)));
                }
            });
            await().until(() -> calls() == 40);
            NumberedFlood.awaitStandstill(Duration.ofSeconds(1), openai, anthropic);

            assertThat(heap() - before).isLessThan(40 * (1L << 20) + NOISE);
        } finally {
            callers.forEach(RawCaller::close);
        }
        await().until(() -> gateway.inFlight() == 0);
        await().until(() -> gateway.stubs()
                .flatMap(stub -> stub.calls().stream())
                .filter(call -> !call.answered())
                .allMatch(Call::clientLeft));
    }

    private static int calls() {
        return gateway.stub("p-openai").calls().size()
                + gateway.stub("p-anthropic").calls().size();
    }

    /** Fails if the provider is not slowed down, or if what it has sent is held in the heap in a multiple of its size. */
    @Test
    void a_slow_caller_slows_the_provider_and_costs_no_memory() {
        NumberedFlood flood = new NumberedFlood("openai", 100, 200L << 20);
        StubProvider p = gateway.stub("p-openai").answers(flood);
        long before = heap();
        try (RawCaller caller = gateway.raw(gateway.along("p-openai", "f").stream(true))) {
            NumberedFlood.awaitStandstill(Duration.ofSeconds(1), flood);

            assertThat(flood.sent().get()).isLessThan(24L << 20);
            assertThat(heap() - before).isLessThan((32L << 20) + NOISE);
        }
        await().until(() -> p.call(1).clientLeft());
        await().until(() -> gateway.inFlight() == 0);
    }

    /** The least of some: what is thrown away between a collection and the look at the heap counts as well. */
    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return LongStream.range(0, 5)
                .map(i -> {
                    System.gc();
                    return runtime.totalMemory() - runtime.freeMemory();
                })
                .min()
                .orElseThrow();
    }
}
