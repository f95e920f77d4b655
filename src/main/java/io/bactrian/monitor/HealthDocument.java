package io.bactrian.monitor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Config;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.HealthBook;
import io.bactrian.health.HealthReport;
import io.bactrian.health.ProviderHealth;
import io.bactrian.policy.Availability;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The document that the health monitor publishes: time and node, a word for each provider, and what is known of each target.
 * Thread-safe.
 */
public final class HealthDocument {
    private final Config config;
    private final List<Target> targets;
    private final HealthBook book;
    private final ProviderHealth providers;
    private final Breakers breakers;
    private final Availability availability;

    public HealthDocument(
            Config config, HealthBook book, ProviderHealth providers, Breakers breakers, Availability availability) {
        this.config = config;
        this.targets = List.copyOf(config.everyTarget().values());
        this.book = book;
        this.providers = providers;
        this.breakers = breakers;
        this.availability = availability;
    }

    /** What is known of every target. */
    Collection<HealthReport> reports() {
        return targets.stream().map(book::of).toList();
    }

    private Map<String, Boolean> providers(long now) {
        return providers.of(config.providers().values(), targets, now);
    }

    /** What of the document is news when it changes: the words for providers and the states of targets. */
    String gist(long now) {
        return providers(now)
                + reports().stream()
                        .map(report -> report.target().name() + "=" + report.state() + "/" + report.cause())
                        .collect(Collectors.joining(","));
    }

    /** The document, as JSON in one line. */
    public String json(long now) {
        ObjectNode document = Json.MAPPER
                .createObjectNode()
                .put("time", Instant.ofEpochMilli(now).toString())
                .put("node", config.health().node());
        ObjectNode words = document.putObject("providers");
        providers(now).forEach(words::put);
        ArrayNode all = document.putArray("targets");
        reports().forEach(report -> all.add(of(report, now)));
        return new String(Json.bytes(document), StandardCharsets.UTF_8);
    }

    private ObjectNode of(HealthReport report, long now) {
        Target target = report.target();
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("name", target.name())
                .put("provider", target.provider().name())
                .put("model", target.model())
                .put("health", report.state().name())
                .put("since", Instant.ofEpochMilli(report.since()).toString());
        FailureClass cause = report.cause();
        if (cause != null) {
            out.put("class", cause.name()).put("status", report.status());
        }
        out.put("breaker", breakers.state(target));
        Availability.Unavailable away = availability.of(target, now);
        if (away != null) {
            out.put("coolingUntil", Instant.ofEpochMilli(away.until()).toString());
            if (away.by() != null) {
                out.put("by", away.by());
            }
        }
        out.put("evidence", word(report.evidence()));
        if (report.millis() != null) {
            out.put("ms", report.millis());
        }
        put(out, "lastSuccess", report.lastSuccess());
        put(out, "nextProbe", report.nextProbe());
        return out;
    }

    private static String word(HealthReport.Evidence evidence) {
        return switch (evidence) {
            case NONE -> "none";
            case TRAFFIC -> "traffic";
            case PROBE -> "probe";
        };
    }

    private static void put(ObjectNode out, String name, @Nullable Long at) {
        if (at != null) {
            out.put(name, Instant.ofEpochMilli(at).toString());
        }
    }
}
