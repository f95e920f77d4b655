package io.bactrian.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.cluster.SharedTarget.Breaker;
import io.bactrian.policy.FailureClass;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeReportTest {
    private static final NodeReport REPORT = new NodeReport(
            "eu-1",
            "0123456789abcdef",
            7,
            true,
            List.of(
                    new SharedTarget("p/m", "00c0ffee", Breaker.OPEN, 61_000, "eu-2", true, null, 0),
                    new SharedTarget(
                            "p/n", "00c0ffee", Breaker.CLOSED, 0, null, false, FailureClass.RATE_LIMITED, 31_000)));

    @Test
    void times_travel_as_what_is_left_of_them() {
        NodeReport read = NodeReport.read(REPORT.json(1_000), 501_000);

        assertThat(read).isNotNull();
        assertThat(read.targets().getFirst().openUntil()).isEqualTo(561_000);
        assertThat(read.targets().getLast().coolingUntil()).isEqualTo(531_000);
    }

    @Test
    void what_is_written_is_read() {
        assertThat(NodeReport.read(REPORT.json(1_000), 1_000)).isEqualTo(REPORT);
    }

    @Test
    void the_document_of_a_round_is_for_others() {
        assertThat(NodeReport.read("{\"node\":\"eu-1\",\"targets\":[]}", 0)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"kind\":\"nodes\"}",
                "{\"kind\":\"nodes\",\"node\":\"n\",\"boot\":\"x\",\"targets\":[]}",
                "{\"kind\":\"nodes\",\"node\":\"n\",\"boot\":\"0123456789abcdef\",\"targets\":{}}",
                "{\"kind\":\"nodes\",\"node\":\"\",\"boot\":\"0123456789abcdef\",\"targets\":[]}",
                "{\"kind\":\"nodes\",\"node\":\"n\",\"boot\":\"0123456789abcdef\",\"targets\":[{\"name\":\"p/m\"}]}",
            })
    void what_is_no_report_is_refused(String text) {
        assertThatThrownBy(() -> NodeReport.read(text, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_time_is_limited_to_a_day_and_names_lose_their_control_characters() {
        NodeReport read = NodeReport.read(
                "{\"kind\":\"nodes\",\"node\":\"n\\nERROR\",\"boot\":\"0123456789abcdef\",\"targets\":[{\"name\":\"p/m\","
                        + "\"endpoint\":\"e\",\"breaker\":\"OPEN\",\"openMs\":9223372036854775807}]}",
                0);

        assertThat(read).isNotNull();
        assertThat(read.node()).isEqualTo("nERROR");
        assertThat(read.targets().getFirst().openUntil()).isEqualTo(86_400_000);
    }

    @Test
    void damaged_reports_are_read_or_refused() {
        Random random = new Random(42);
        String good = REPORT.json(1_000);
        for (int i = 0; i < 5_000; i++) {
            StringBuilder damaged = new StringBuilder(good);
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged.setCharAt(random.nextInt(damaged.length()), (char) (32 + random.nextInt(96)));
            }
            damaged.setLength(random.nextInt(3) == 0 ? random.nextInt(damaged.length()) : damaged.length());
            try {
                NodeReport.read(damaged.toString(), 0);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageNotContaining("eu-1");
            }
        }
    }
}
