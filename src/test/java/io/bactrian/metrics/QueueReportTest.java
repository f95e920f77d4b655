package io.bactrian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.protocol.Json;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class QueueReportTest {
    private static final QueueReport.Ended ENDED = new QueueReport.Ended(5, 1, 2, 3, 4);

    @Test
    void a_queue_that_runs_has_no_word_of_trouble_or_pause() {
        assertThat(json(report(null, new QueueReport.Waiting(7, 1_500), null))).isEqualTo("""
                {"requests":"llm.requests","connected":true,"depth":7,"oldestMillis":1500,"inFlight":2,"answered":5,\
                "replayed":1,"redelivered":6,"later":2,"expired":3,"deadLetters":4,"deadLetterClasses":{"UNSUPPORTED":4}}""");
    }

    @Test
    void what_is_unknown_is_absent_and_a_pause_has_its_time_and_its_reason() {
        assertThat(json(report("it is away", null, new QueueReport.Pause(0, "no target can answer"))))
                .startsWith("""
                {"requests":"llm.requests","connected":false,"trouble":"it is away","inFlight":2,""")
                .endsWith("""
                "paused":{"since":"1970-01-01T00:00:00Z","why":"no target can answer"}}""");
    }

    private static QueueReport report(
            @Nullable String trouble, QueueReport.@Nullable Waiting waiting, QueueReport.@Nullable Pause pause) {
        return new QueueReport("llm.requests", trouble, null, waiting, 2, ENDED, 6, Map.of("UNSUPPORTED", 4L), pause);
    }

    private static String json(QueueReport report) {
        return new String(Json.bytes(report.json()), StandardCharsets.UTF_8);
    }
}
