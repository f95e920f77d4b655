package io.bactrian.runtime;

import io.bactrian.alert.QueueWatch;
import io.bactrian.broker.Brokers;
import io.bactrian.broker.QueueDepth;
import io.bactrian.config.QueueSettings;
import io.bactrian.metrics.QueueReport;
import io.bactrian.queue.QueueFigures;
import io.bactrian.queue.QueueOutcome;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The reports about the queue, for those who must not know a broker: status, metrics, page and alerts. Thread-safe. */
final class QueueReports {
    private final Brokers brokers;
    private final QueueFigures figures;

    QueueReports(Brokers brokers, QueueFigures figures) {
        this.brokers = brokers;
        this.figures = figures;
    }

    /** The state of a configuration's queue now; empty if it is off. Never waits for a broker. */
    Optional<QueueReport> of(QueueSettings settings) {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        QueueDepth depth = brokers.depth(settings.requests());
        QueueFigures.Pause pause = figures.pause();
        return Optional.of(new QueueReport(
                settings.requests(),
                brokers.trouble(),
                brokers.warning(),
                depth == null ? null : new QueueReport.Waiting(depth.messages(), depth.oldestMillis()),
                figures.inFlight(),
                new QueueReport.Ended(
                        figures.count(QueueOutcome.ANSWERED),
                        figures.count(QueueOutcome.REPLAYED),
                        figures.count(QueueOutcome.LATER),
                        figures.count(QueueOutcome.EXPIRED),
                        figures.count(QueueOutcome.DEAD_LETTER)),
                figures.redelivered(),
                figures.deadLetters(),
                pause == null ? null : new QueueReport.Pause(pause.since(), pause.why())));
    }

    /** What the alerts look at. */
    QueueWatch watch(QueueSettings settings) {
        return settings.enabled() ? new Watch() : QueueWatch.NONE;
    }

    private final class Watch implements QueueWatch {
        @Override
        public long deadLetters() {
            return figures.count(QueueOutcome.DEAD_LETTER);
        }

        @Override
        public long deadLetterAt() {
            return figures.deadLetterAt();
        }

        @Override
        public String classes() {
            Map<String, Long> classes = figures.deadLetters();
            return classes.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining(", "));
        }

        @Override
        public @Nullable String trouble() {
            return brokers.trouble();
        }

        @Override
        public @Nullable String warning() {
            return brokers.warning();
        }
    }
}
