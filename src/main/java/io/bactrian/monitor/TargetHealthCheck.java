package io.bactrian.monitor;

import io.bactrian.config.Target;
import io.bactrian.health.HealthBook;
import io.bactrian.health.HealthReport;
import java.time.Instant;
import java.util.Map;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * A target as one of Camel's health checks, for those who use Camel's own health pages. It is always UP, with the target's
 * health as a detail, and counts neither for readiness nor for liveness: an outage of a provider must never restart the
 * gateway. Thread-safe.
 */
public final class TargetHealthCheck implements HealthCheck {
    private final Target target;
    private final HealthBook book;
    private volatile boolean enabled = true;

    public TargetHealthCheck(Target target, HealthBook book) {
        this.target = target;
        this.book = book;
    }

    @Override
    public String getId() {
        return "bactrian-target-" + target.name();
    }

    @Override
    public String getGroup() {
        return "bactrian";
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean whether) {
        enabled = whether;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthReport report = book.of(target);
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(this)
                .up()
                .detail("health", report.state().name())
                .detail("since", Instant.ofEpochMilli(report.since()).toString())
                .detail("evidence", report.evidence().name());
        if (report.cause() != null) {
            result.detail("class", report.cause().name());
        }
        return result.build();
    }
}
