package io.bactrian.monitor;

import io.bactrian.health.HealthReport;
import io.bactrian.health.HealthState;
import io.bactrian.policy.FailureClass;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of changes of health, one line for each: WARN for the worse, INFO for the better. A target that changes all the time
 * has a line every ten seconds at most. For one thread.
 */
final class ChangeLog {
    private static final Logger LOG = LoggerFactory.getLogger("bactrian.health");
    private static final long GAP_MILLIS = 10_000;

    private final Map<String, Told> told = new HashMap<>();

    private record Told(HealthState state, @Nullable FailureClass cause, long at) {}

    /** Logs what has changed since the last line. The first state of a target is no change, unless it is bad. */
    void look(Collection<HealthReport> reports, long now) {
        for (HealthReport report : reports) {
            if (report.state() == HealthState.UNKNOWN) {
                continue; // Forgotten, and soon probed: what was told before is what the next line is compared with.
            }
            String name = report.target().name();
            Told last = told.get(name);
            HealthState before = last == null ? HealthState.UNKNOWN : last.state();
            boolean changed = before != report.state()
                    || (report.state() == HealthState.DEGRADED && last != null && last.cause() != report.cause());
            if (!changed || (last != null && last.at() <= now && now - last.at() < GAP_MILLIS)) {
                continue;
            }
            boolean first = before == HealthState.UNKNOWN;
            told.put(name, new Told(report.state(), report.cause(), first && isWell(report) ? now - GAP_MILLIS : now));
            boolean better = before == HealthState.DOWN && report.cause() == null;
            if (!isWell(report) && !better) {
                LOG.warn("{}", line(report));
            } else if (!first) {
                LOG.info("{}", line(report));
            }
        }
    }

    private static boolean isWell(HealthReport report) {
        return report.state() == HealthState.UP || report.state() == HealthState.UNKNOWN;
    }

    private static String line(HealthReport report) {
        String name = report.target().name();
        FailureClass cause = report.cause();
        String why =
                cause == null ? "" : ": " + cause + (report.status() == 0 ? "" : " (status " + report.status() + ")");
        return switch (report.state()) {
            case UNKNOWN -> name + ": its health is not known";
            case UP -> name + " is up again";
            case DEGRADED ->
                name + " is degraded"
                        + (cause != null ? why : ": it answers slowly, or its circuit breaker tries it again");
            case DOWN ->
                name + " is down" + why + "; others answer while they are up"
                        + time("; its last success was at ", report.lastSuccess())
                        + time("; the next probe is at ", report.nextProbe());
        };
    }

    private static String time(String words, @Nullable Long at) {
        return at == null ? "" : words + Instant.ofEpochMilli(at).truncatedTo(ChronoUnit.SECONDS);
    }
}
