package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.health.HealthBook;
import io.bactrian.health.HealthReport;
import io.bactrian.health.KeyPool;
import io.bactrian.health.ProviderHealth;
import io.bactrian.health.TargetLatencies;
import io.bactrian.protocol.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a target in the status document: its latencies, the resting keys of its provider, and its health. Thread-safe.
 */
public record TargetFigures(TargetLatencies latencies, KeyPool keyPool, HealthBook healthBook) {

    /** Adds the figures to a target's status. */
    void add(ObjectNode out, Target target, long now) {
        out.put("underWay", latencies.inFlight(target));
        ObjectNode first = out.putObject("firstTokenMs");
        add(first, "stream", target, true);
        add(first, "document", target, false);
        int several = target.provider().keys().size();
        if (several > 1) {
            out.putObject("keys").put("all", several).put("resting", keyPool.restingKeys(target, now));
        }
    }

    /** Adds the health of a target to its status. */
    void addHealth(ObjectNode out, Target target) {
        HealthReport report = healthBook.of(target);
        out.put("health", report.state().name())
                .put("healthSince", time(report.since()))
                .put("evidence", report.evidence().name().toLowerCase(Locale.ROOT));
        if (report.lastSuccess() != null) {
            out.put("lastSuccess", time(report.lastSuccess()));
        }
        if (report.nextProbe() != null) {
            out.put("nextProbe", time(report.nextProbe()));
        }
    }

    /** Whether each provider that is on can be used. */
    ObjectNode providers(Config config, long now) {
        ObjectNode words = Json.MAPPER.createObjectNode();
        new ProviderHealth(healthBook, keyPool)
                .of(config.providers().values(), config.everyTarget().values(), now)
                .forEach(words::put);
        return words;
    }

    private static String time(long at) {
        return Instant.ofEpochMilli(at).toString();
    }

    private void add(ObjectNode first, String name, Target target, boolean stream) {
        Duration median = latencies.median(target, stream);
        if (median != null) {
            ObjectNode times = first.putObject(name).put("p50", median.toMillis());
            @Nullable Duration p95 = latencies.p95(target, stream);
            if (p95 != null) {
                times.put("p95", p95.toMillis());
            }
        }
    }
}
