package io.bactrian.page;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Target;
import io.bactrian.health.Drills;
import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthState;
import io.bactrian.health.TargetLatencies;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of a snapshot about one target. Thread-safe. */
final class TargetDocument {
    private static final long ANSWERING_MILLIS = 10_000;

    private final Snapshots.Sources from;
    private final Traffic traffic;

    TargetDocument(Snapshots.Sources from, Traffic traffic) {
        this.from = from;
        this.traffic = traffic;
    }

    /** The state of the breaker of the service that is in trouble, or else of any. */
    String breaker(Target target) {
        return from.latencies().asked(target).stream()
                .map(from.breakers()::state)
                .filter(state -> !state.equals("CLOSED"))
                .findFirst()
                .orElse("CLOSED");
    }

    /** Notes the word for the target's state, so that the page can tell since when it holds. */
    void noteState(Target named, long now) {
        TargetTraffic own = traffic.of(named);
        Target target = concerned(named, now);
        own.state(state(own, from.health().of(target), target, now), now);
    }

    /** The target for the service that is in trouble, or else for the first that it has been called for. */
    private Target concerned(Target named, long now) {
        List<Target> asked = from.latencies().asked(named);
        for (Target target : asked) {
            if (!from.availability().isWell(target, now)) {
                return target;
            }
        }
        return asked.getFirst();
    }

    ObjectNode of(Target named, Map<String, String> faults, long now) {
        Target target = concerned(named, now);
        TargetTraffic own = traffic.of(named);
        HealthReport health = from.health().of(target);
        String breaker = from.breakers().state(target);
        Unavailable away = from.availability().of(target, now);
        long success = success(own, health);
        String state = state(own, health, target, now);
        Failure failure = cause(own, health, away);
        ObjectNode out = Json.MAPPER
                .createObjectNode()
                .put("name", named.name())
                .put("provider", named.provider().name())
                .put("model", named.model())
                .put("quality", named.quality())
                .put("state", state)
                .put("health", health.state().name())
                .put("breaker", breaker)
                .put("since", time(own.state(state, now)))
                .put("until", away == null || breaker.equals("HALF_OPEN") ? null : time(away.until()))
                .put("by", away == null ? null : away.by())
                .put("class", failure == null ? null : failure.type().name())
                .put("status", failure == null ? 0 : failure.status())
                .put("failuresInARow", own.failuresInARow())
                .put("lastSuccess", success == 0 ? null : time(success))
                .put("evidence", health.evidence().name())
                .put("probeMs", health.evidence() == HealthReport.Evidence.PROBE ? health.millis() : null)
                .put("nextProbe", health.nextProbe() == null ? null : time(health.nextProbe()));
        firstToken(out, target);
        out.put(
                "inFlight",
                from.latencies().asked(named).stream()
                        .mapToInt(from.latencies()::inFlight)
                        .sum());
        int keys = target.provider().keys().size();
        if (keys == 0) {
            out.putNull("keys");
        } else {
            int resting = keys == 1 ? 0 : from.keyPool().restingKeys(target, now);
            out.putObject("keys").put("ready", keys - resting).put("all", keys);
        }
        Drills.Standing drill = from.drills().of(named, now);
        if (drill == null) {
            out.putNull("drill");
        } else {
            out.putObject("drill").put("fault", drill.fault().name()).put("until", time(drill.until()));
        }
        String fault = faults.getOrDefault(named.provider().name(), "off");
        return out.put("demoFault", fault.equals("off") ? null : fault)
                .put("simulated", from.config().demo());
    }

    /** The one word for a target: what hinders calls first, then what is known of its health, then who answers. */
    private String state(TargetTraffic own, HealthReport health, Target target, long now) {
        String breaker = from.breakers().state(target);
        if (!breaker.equals("CLOSED")) {
            return breaker;
        }
        if (health.state() == HealthState.DOWN) {
            return "DOWN";
        }
        if (from.availability().of(target, now) != null) {
            return "COOLING";
        }
        if (health.state() == HealthState.DEGRADED || own.failuresInARow() > 0) {
            return "DEGRADED";
        }
        if (now - own.lastSuccess() < ANSWERING_MILLIS) {
            return "ANSWERING";
        }
        return health.state() == HealthState.UP ? "UP" : success(own, health) > 0 ? "IDLE" : "UNKNOWN";
    }

    private static long success(TargetTraffic own, HealthReport health) {
        Long known = health.lastSuccess();
        return known == null ? own.lastSuccess() : Math.max(known, own.lastSuccess());
    }

    /** The failure behind the state; null if the target is well. */
    private static @Nullable Failure cause(TargetTraffic own, HealthReport health, @Nullable Unavailable away) {
        Failure last = own.lastFailure();
        FailureClass cooling = away == null || away.type() == FailureClass.CIRCUIT_OPEN ? null : away.type();
        if (last != null && (own.failuresInARow() > 0 || away != null) && (cooling == null || cooling == last.type())) {
            return last;
        }
        if (cooling != null) {
            return Failure.of(cooling, "");
        }
        FailureClass known = health.cause();
        boolean unwell = health.state() == HealthState.DOWN || health.state() == HealthState.DEGRADED;
        return known == null || !unwell ? null : Failure.of(known, health.status(), "");
    }

    private void firstToken(ObjectNode out, Target target) {
        TargetLatencies latencies = from.latencies();
        boolean stream = latencies.median(target, true) != null;
        Duration median = latencies.median(target, stream);
        if (median == null) {
            out.putNull("firstTokenMs");
            return;
        }
        Duration p95 = latencies.p95(target, stream);
        out.putObject("firstTokenMs")
                .put("p50", median.toMillis())
                .put("p95", p95 == null ? null : (Long) p95.toMillis());
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }
}
