package io.bactrian.metrics;

import io.bactrian.alert.Alert;
import io.bactrian.config.Config;
import io.bactrian.config.QueueSettings;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.HealthState;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetLatencies;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * The state that the gauges are read from.
 *
 * @param alerts the open alerts
 * @param doors the requests in flight for each kind of entry
 * @param waiting the requests that wait for a target
 * @param queue the state of the queue of a configuration; empty if it is off
 */
public record LiveState(
        Cooldowns cooldowns,
        KeyPool keyPool,
        TargetLatencies latencies,
        Function<Target, HealthState> health,
        Supplier<List<Alert>> alerts,
        Supplier<Map<String, Integer>> doors,
        IntSupplier waiting,
        Function<QueueSettings, Optional<QueueReport>> queue) {

    /** The part of it that changes with the configuration. */
    public record Serving(Config config, Breakers breakers) {}
}
