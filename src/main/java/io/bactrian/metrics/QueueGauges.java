package io.bactrian.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;

/** The gauges and counters of the queue, from one report. For one thread. */
final class QueueGauges {
    private final QueueReport queue;

    QueueGauges(QueueReport queue) {
        this.queue = queue;
    }

    void addTo(MetricSnapshots.Builder all) {
        QueueReport.Waiting waiting = queue.waiting();
        if (waiting != null) {
            gauge(all, "bactrian_queue_depth", "Requests on the queue, those in flight included", waiting.depth());
            gauge(
                    all,
                    "bactrian_queue_oldest_seconds",
                    "Age of the oldest request on the queue; 0 if there is none",
                    waiting.oldestMillis() / 1000.0);
        }
        gauge(all, "bactrian_queue_connected", "1 if the broker can be used, else 0", queue.trouble() == null ? 1 : 0);
        gauge(all, "bactrian_queue_in_flight", "Requests from the queue in flight", queue.inFlight());
        gauge(
                all,
                "bactrian_queue_paused",
                "1 while nothing is taken from the queue because no target can answer, else 0",
                queue.pause() == null ? 0 : 1);
        QueueReport.Ended ended = queue.ended();
        counter(
                all,
                "bactrian_queue_requests",
                "Requests taken from the queue, by what became of them",
                "outcome",
                Map.of(
                        "answered", ended.answered(),
                        "replayed", ended.replayed(),
                        "later", ended.later(),
                        "expired", ended.expired(),
                        "dead_letter", ended.deadLetters()));
        counter(all, "bactrian_queue_dead_letters", "Dead letters by class", "class", queue.classes());
        all.metricSnapshot(CounterSnapshot.builder()
                .name("bactrian_queue_redeliveries")
                .help("Requests taken from the queue that had been delivered before")
                .dataPoint(point(Labels.EMPTY, queue.redelivered()))
                .build());
    }

    private static void gauge(MetricSnapshots.Builder all, String name, String help, double value) {
        new Gauge(name, help).add(value).addTo(all);
    }

    private static void counter(
            MetricSnapshots.Builder all, String name, String help, String label, Map<String, Long> values) {
        if (values.isEmpty()) {
            return;
        }
        CounterSnapshot.Builder counter = CounterSnapshot.builder().name(name).help(help);
        new TreeMap<>(values).forEach((word, count) -> counter.dataPoint(point(Labels.of(label, word), count)));
        all.metricSnapshot(counter.build());
    }

    private static CounterDataPointSnapshot point(Labels labels, long count) {
        return CounterDataPointSnapshot.builder().labels(labels).value(count).build();
    }
}
