package io.bactrian.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The settings of the health monitor ({@code bactrian.health.*} and {@code probe}). Immutable.
 *
 * @param period the time between two probes of a target, and between two published documents; zero = no probes and no
 *     documents
 * @param timeout the limit of one probe
 * @param prompt the question of a {@code chat} probe
 * @param publish Camel endpoint URIs that get the documents; they may carry secrets
 * @param budget US dollars a day that probes may cost
 * @param node the name of this process in the documents
 * @param ofProviders the kind of probe by the name of the provider, where it is set
 * @param ofTargets the same by the name of the target; it comes before that of its provider
 */
public record HealthSettings(
        Duration period,
        Duration timeout,
        String prompt,
        List<String> publish,
        double budget,
        String node,
        Map<String, Probe> ofProviders,
        Map<String, Probe> ofTargets) {

    /** No monitor at all. */
    public static final HealthSettings OFF =
            new HealthSettings(Duration.ZERO, Duration.ofSeconds(5), "", List.of(), 1, "localhost", Map.of(), Map.of());

    public HealthSettings {
        publish = List.copyOf(publish);
        ofProviders = Map.copyOf(ofProviders);
        ofTargets = Map.copyOf(ofTargets);
    }

    /** Whether the monitor runs. */
    public boolean on() {
        return !period.isZero();
    }

    /** The kind of probe of a target. */
    public Probe probe(Target target) {
        Probe own = ofTargets.get(target.name());
        return own == null ? ofProviders.getOrDefault(target.provider().name(), Probe.CHAT) : own;
    }

    /** Without the URIs, which may carry secrets. */
    @Override
    public String toString() {
        return "HealthSettings[" + period + ", " + publish.size() + " publishers]";
    }
}
