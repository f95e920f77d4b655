package io.bactrian.metrics;

import io.bactrian.alert.Alert;
import io.bactrian.config.Config;
import io.bactrian.config.Provider;
import io.bactrian.config.Target;
import io.bactrian.health.HealthState;
import io.bactrian.health.TargetHealth;
import io.bactrian.policy.Availability.Unavailable;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of the gateway's state: breakers, health, cooldowns, keys, load, alerts and the queue. They are read when they are asked for,
 * so that nothing is kept of a target that is gone. Thread-safe.
 */
final class StateGauges implements MultiCollector {
    private static final List<String> BREAKER_STATES = List.of("CLOSED", "OPEN", "HALF_OPEN");
    private static final String COOLING = "COOLING";
    private static final int MOST_TARGETS = 500;

    private final LiveState state;
    private final Clock clock;
    private final String version;
    private volatile LiveState.@Nullable Serving serving;

    StateGauges(LiveState state, Clock clock, String version) {
        this.state = state;
        this.clock = clock;
        this.version = version;
    }

    /** Notes the configuration that serves from now on. */
    void serve(LiveState.Serving now) {
        serving = now;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        all.metricSnapshot(InfoSnapshot.builder()
                .name("bactrian")
                .help("The version of the gateway")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of("version", version))
                        .build())
                .build());
        requests(all);
        alerts(all);
        LiveState.Serving now = serving;
        if (now != null) {
            targets(all, now, clock.millis());
            keys(all, now.config(), clock.millis());
            state.queue().apply(now.config().queue()).ifPresent(queue -> new QueueGauges(queue).addTo(all));
        }
        return all.build();
    }

    private void requests(MetricSnapshots.Builder all) {
        Gauge inFlight = new Gauge("bactrian_in_flight", "Requests in flight");
        state.doors().get().forEach((door, count) -> inFlight.add(count, "door", door));
        inFlight.addTo(all);
        new Gauge("bactrian_waiting", "Requests that wait for a target to come back")
                .add(state.waiting().getAsInt())
                .addTo(all);
    }

    private void alerts(MetricSnapshots.Builder all) {
        Map<List<String>, Long> open = state.alerts().get().stream()
                .collect(Collectors.groupingBy(
                        alert -> List.of(subject(alert), alert.severity().name().toLowerCase(Locale.ROOT)),
                        Collectors.counting()));
        Gauge alerts = new Gauge("bactrian_alerts", "Open alerts, inhibited ones included");
        open.forEach((labels, count) -> alerts.add(count, "subject", labels.getFirst(), "severity", labels.getLast()));
        alerts.addTo(all);
    }

    /** The kind of an alert's subject: the first part of its key. */
    private static String subject(Alert alert) {
        int end = alert.key().indexOf('/');
        return end < 0 ? alert.key() : alert.key().substring(0, end);
    }

    private void targets(MetricSnapshots.Builder all, LiveState.Serving now, long millis) {
        Gauge breakers = new Gauge("bactrian_breaker_state", "1 for the state that the target's breaker is in, else 0");
        Gauge health = new Gauge(
                "bactrian_target_health", "1 if the target is up, 0.5 if degraded, 0 if down; absent while unknown");
        Gauge cooling = new Gauge("bactrian_cooling", "Seconds until a cooling target may be called again");
        Gauge calls = new Gauge("bactrian_calls_in_flight", "Calls to providers in flight");
        TargetHealth availability = new TargetHealth(now.breakers(), state.cooldowns(), state.keyPool());
        now.config().everyTarget().values().stream().limit(MOST_TARGETS).forEach(target -> {
            List<Target> asked = state.latencies().asked(target);
            String breaker = breaker(asked, now);
            for (String each : BREAKER_STATES) {
                breakers.add(
                        each.equals(breaker) ? 1 : 0, "target", target.name(), "state", each.toLowerCase(Locale.ROOT));
            }
            Double up = up(state.health().apply(target));
            if (up != null) {
                health.add(up, "target", target.name());
            }
            Unavailable away = away(asked, availability, millis);
            if (away != null) {
                cooling.add(
                        Math.max(0, away.until() - millis) / 1000.0,
                        "target",
                        target.name(),
                        "class",
                        away.type().name());
            }
            calls.add(asked.stream().mapToInt(state.latencies()::inFlight).sum(), "target", target.name());
        });
        breakers.addTo(all);
        health.addTo(all);
        cooling.addTo(all);
        calls.addTo(all);
    }

    private static String breaker(List<Target> asked, LiveState.Serving now) {
        return asked.stream()
                .map(now.breakers()::state)
                .filter(Predicate.not("CLOSED"::equals))
                .findFirst()
                .orElse("CLOSED");
    }

    private static @Nullable Double up(HealthState health) {
        return switch (health) {
            case UNKNOWN -> null;
            case UP -> 1.0;
            case DEGRADED -> 0.5;
            case DOWN -> 0.0;
        };
    }

    private static @Nullable Unavailable away(List<Target> asked, TargetHealth availability, long millis) {
        for (Target target : asked) {
            Unavailable away = availability.of(target, millis);
            if (away != null && away.label().equals(COOLING)) {
                return away;
            }
        }
        return null;
    }

    private void keys(MetricSnapshots.Builder all, Config config, long millis) {
        Gauge keys = new Gauge("bactrian_keys", "Keys of providers; one rests if it was rejected or is out of quota");
        for (Provider provider : config.providers().values()) {
            int count = provider.keys().size();
            if (count > 0) {
                int resting = state.keyPool().restingKeys(provider, millis);
                keys.add(count - resting, "provider", provider.name(), "state", "ready");
                keys.add(resting, "provider", provider.name(), "state", "resting");
            }
        }
        keys.addTo(all);
    }
}
