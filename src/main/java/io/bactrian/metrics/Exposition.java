package io.bactrian.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** The registry of all meters, and their exposition for Prometheus. Thread-safe. */
public final class Exposition implements AutoCloseable {
    private static final String OPEN_METRICS = "application/openmetrics-text";
    private static final String OPEN_METRICS_TYPE = OPEN_METRICS + "; version=1.0.0; charset=utf-8";
    private static final String TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private volatile @Nullable StateGauges gauges;

    /** A registry with the meters of the process. */
    public Exposition() {
        // Their names break the rules for metrics of Prometheus.
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        gc.bindTo(registry);
    }

    public MeterRegistry registry() {
        return registry;
    }

    /**
     * Adds the gauges of the gateway's state; once.
     *
     * @param version that of the gateway
     */
    public void watch(LiveState state, String version, Clock clock) {
        StateGauges watched = new StateGauges(state, clock, version);
        registry.getPrometheusRegistry().register(watched);
        gauges = watched;
    }

    /** Notes the configuration that serves from now on. */
    public void serve(LiveState.Serving serving) {
        StateGauges watched = gauges;
        if (watched != null) {
            watched.serve(serving);
        }
    }

    /**
     * The values of all meters now.
     *
     * @param body in the form that the content type names
     */
    public record Scrape(String contentType, byte[] body) {}

    /**
     * The values of all meters now: as OpenMetrics if the caller takes it, else in Prometheus' own form.
     *
     * @param accept the header of the request; null if it has none
     */
    public Scrape scrape(@Nullable String accept) {
        String type = accept != null && accept.contains(OPEN_METRICS) ? OPEN_METRICS_TYPE : TEXT_TYPE;
        ByteArrayOutputStream body = new ByteArrayOutputStream(64 << 10);
        try {
            registry.scrape(body, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Scrape(type, body.toByteArray());
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }
}
