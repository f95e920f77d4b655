package io.bactrian.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** 10,000 requests over a day on which three providers fail, limit rates and are slow. */
class SimulationTest {
    private static final Logger LOG = LoggerFactory.getLogger(SimulationTest.class);
    private static final int REQUESTS = 10_000;
    private static final double SHARE = 0.05;

    private static Target target(String name, double quality) {
        return TestChains.target(name, TestChains.provider("of-" + name, "secret"), quality, null);
    }

    private static Chain chain() {
        Limits limits = new TestLimits()
                .waitForQuality(Duration.ofSeconds(5))
                .maxWait(Duration.ofMinutes(10))
                .build();
        Chain.Group hedge = new Chain.Group(
                Chain.Kind.HEDGE,
                List.of(
                        new Chain.Member(new Chain.Entry(target("best", 1.0), limits), 1),
                        new Chain.Member(new Chain.Entry(target("good", 0.8), limits), 1)));
        return Chain.of("day", List.of(hedge, new Chain.Entry(target("poor", 0.5), limits)), limits);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void a_day_of_trouble(long seed) {
        SimulatedDay day = new SimulatedDay(seed, "best", "good", "poor");
        Simulation simulation = new Simulation(day, chain());

        simulation.run(REQUESTS);

        int answered = simulation.answersByQuality.values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        assertThat(answered + simulation.unanswered.size())
                .as("every request ends")
                .isEqualTo(REQUESTS);
        assertThat(simulation.unanswered.stream().filter(Simulation.Request::couldHaveBeenAnswered))
                .as("unanswered although a target was up all the time")
                .isEmpty();
        assertThat(simulation.longestWaiting)
                .isLessThanOrEqualTo(chain().limits().maxWaiting());
        assertHedgedWithinShare(simulation.hedged);
        simulation.answersByQuality.forEach((quality, count) -> LOG.info(
                "Day {}: {} % of {} requests answered at quality {}",
                seed, String.format(Locale.ROOT, "%.2f", 100.0 * count / REQUESTS), REQUESTS, quality));
        LOG.info(
                "Day {}: {} unanswered, {} hedged, {} waited at once at most",
                seed,
                simulation.unanswered.size(),
                simulation.hedged.stream().filter(b -> b).count(),
                simulation.longestWaiting);
        assertThat(simulation.answersByQuality.get(1.0)).isGreaterThan(REQUESTS / 2);
    }

    private static void assertHedgedWithinShare(List<Boolean> hedged) {
        int recent = 0;
        for (int i = 0; i < hedged.size(); i++) {
            recent += hedged.get(i) ? 1 : 0;
            recent -= i >= 1_000 && hedged.get(i - 1_000) ? 1 : 0;
            assertThat((double) recent).isLessThanOrEqualTo(SHARE * Math.min(i + 1, 1_000));
        }
        assertThat(hedged).contains(true);
    }
}
