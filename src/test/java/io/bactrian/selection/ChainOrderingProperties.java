package io.bactrian.selection;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Order;
import io.bactrian.config.Target;
import io.bactrian.health.TargetLatencies;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ChainOrderingProperties {
    private static final int REQUESTS = 1_000;
    private static final int MOST_SWAPS = 10;

    /** Between equal targets every swap is superfluous; a few are allowed while there are few samples. */
    @Property(tries = 100)
    void targets_that_are_equally_quick_do_not_take_turns(@ForAll long seed) {
        Random random = new Random(seed);
        VirtualClock clock = new VirtualClock();
        TargetLatencies latencies = new TargetLatencies(clock);
        ChainOrdering chainOrdering = new ChainOrdering(latencies, (target, now) -> null);
        Chain chain = chain("a", "b", "c");
        String first = "a";
        int swaps = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Target asked = chainOrdering
                    .sort(chain, c -> true, c -> true, clock.millis())
                    .candidates()
                    .getFirst()
                    .target();
            swaps += asked.name().equals(first) ? 0 : 1;
            first = asked.name();
            latencies.firstToken(asked, true, 350 + random.nextInt(300));
            clock.pass(Duration.ofMillis(500));
        }
        assertThat(swaps).isLessThanOrEqualTo(MOST_SWAPS);
    }

    /** Its slowest answer beats the quickest of the others by the margin, so that no draw of samples hides it. */
    @Property(tries = 100)
    void quickest_gets_nearly_all_the_requests(@ForAll long seed) {
        Random random = new Random(seed);
        VirtualClock clock = new VirtualClock();
        TargetLatencies latencies = new TargetLatencies(clock);
        ChainOrdering chainOrdering = new ChainOrdering(latencies, (target, now) -> null);
        Chain chain = chain("a", "b", "quick");
        int right = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Target asked = chainOrdering
                    .sort(chain, c -> true, c -> true, clock.millis())
                    .candidates()
                    .getFirst()
                    .target();
            boolean quick = asked.name().equals("quick");
            right += quick ? 1 : 0;
            latencies.firstToken(asked, true, quick ? 100 + random.nextInt(150) : 350 + random.nextInt(200));
            clock.pass(Duration.ofMillis(500));
        }
        assertThat(right).isGreaterThanOrEqualTo(REQUESTS - 50);
    }

    private static Chain chain(String... names) {
        List<Entry> steps = List.of(names).stream()
                .map(name -> new Entry(TestChains.target(name), TestLimits.defaults()))
                .toList();
        return new Chain("c", List.copyOf(steps), List.of(), Order.FASTEST, TestLimits.defaults());
    }
}
