package io.bactrian.metrics;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;

/** One gauge while it is being read. Two points whose labels are the same have one value, the last one. For one thread. */
final class Gauge {
    private final String name;
    private final String help;
    private final Map<Labels, Double> points = new TreeMap<>();

    Gauge(String name, String help) {
        this.name = name;
        this.help = help;
    }

    Gauge add(double value, String... labels) {
        points.put(Labels.of(labels), value);
        return this;
    }

    void addTo(MetricSnapshots.Builder all) {
        if (!points.isEmpty()) {
            GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
            points.forEach((labels, value) -> gauge.dataPoint(
                    GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
            all.metricSnapshot(gauge.build());
        }
    }
}
