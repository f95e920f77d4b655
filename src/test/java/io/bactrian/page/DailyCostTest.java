package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.bactrian.config.ConfigReader;
import io.bactrian.config.Target;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DailyCostTest {
    private static final Offset<Double> EXACT = within(1e-9);
    private static final long NOON = Duration.ofHours(12).toMillis();
    private static final long DAY = Duration.ofDays(1).toMillis();

    private final Map<String, Target> targets = ((ConfigReader.Result.Read) ConfigReader.read(
                    Map.of(
                            "bactrian.providers.p.base-url", "https://api.groq.com/openai/v1",
                            "bactrian.providers.p.keyless", "true",
                            "bactrian.targets.a.provider", "p",
                            "bactrian.targets.a.model", "one",
                            "bactrian.targets.a.price-input", "1",
                            "bactrian.targets.b.provider", "p",
                            "bactrian.targets.b.model", "two",
                            "bactrian.targets.b.price-input", "1",
                            "bactrian.targets.free.provider", "p",
                            "bactrian.targets.free.model", "three"),
                    Map.of()))
            .config()
            .targets();

    private final DailyCost cost = new DailyCost();
    private final Map<String, Double> spent = new HashMap<>(Map.of("a", 1.0, "b", 2.0));

    private @Nullable Double today(long now, String... names) {
        Collection<Target> configured =
                List.of(names).stream().map(targets::get).toList();
        return cost.today(configured, target -> spent.getOrDefault(target.name(), 0.0), now);
    }

    @Test
    void a_day_begins_with_nothing() {
        assertThat(today(NOON, "a", "b")).isCloseTo(3.0, EXACT);
        spent.put("a", 1.5);
        assertThat(today(NOON + 1_000, "a", "b")).isCloseTo(3.5, EXACT);
        assertThat(today(NOON + DAY, "a", "b")).isCloseTo(0.0, EXACT);
        spent.put("b", 2.25);
        assertThat(today(NOON + DAY, "a", "b")).isCloseTo(0.25, EXACT);
    }

    @Test
    void what_a_target_has_cost_before_a_reload_removed_it_stays_spent() {
        today(NOON, "a", "b");
        spent.remove("b");
        assertThat(today(NOON, "a")).isCloseTo(3.0, EXACT);
        assertThat(today(NOON, "a", "b")).as("it comes back").isCloseTo(3.0, EXACT);
        spent.put("b", 0.5);
        assertThat(today(NOON, "a", "b")).isCloseTo(3.5, EXACT);
        assertThat(today(NOON + DAY, "a", "b")).as("never below nothing").isCloseTo(0.0, EXACT);
    }

    @Test
    void it_is_unknown_without_a_price_and_a_cost() {
        assertThat(today(NOON, "free")).isNull();
        assertThat(today(NOON)).isNull();
        assertThat(today(NOON, "a")).isNotNull();
    }
}
