package io.bactrian.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Service;
import io.bactrian.config.Target;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetLatencies;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The figures of a target in the status document: its latencies and the resting keys of its provider. Thread-safe. */
public record TargetFigures(TargetLatencies latencies, KeyPool keyPool) {

    /**
     * The services that a target has been asked for, as targets that are known for each by itself; for chat, if it has not been
     * called.
     */
    List<Target> asked(Target target) {
        List<Target> asked = Arrays.stream(Service.values())
                .map(target::at)
                .filter(latencies::isKnown)
                .toList();
        return asked.isEmpty() ? List.of(target) : asked;
    }

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
