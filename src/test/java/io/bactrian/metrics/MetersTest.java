package io.bactrian.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.health.DrillFault;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class MetersTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Meters meters = new Meters(registry, new VirtualClock());
    private final Chain chain = TestChains.chain(TestLimits.defaults(), "a");

    private RequestContext conversation() {
        return TestRequests.planned(
                ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(StandardCharsets.UTF_8)),
                chain,
                TestChains.plan(chain, 600_000),
                new DocumentReply(ChatCompletions.PROTOCOL, "req_1"),
                0,
                false);
    }

    private double drills(String target, String fault) {
        return registry.get("bactrian.drills")
                .tags("target", target, "fault", fault)
                .counter()
                .count();
    }

    @Test
    void calls_that_a_drill_has_failed_are_counted_by_target_and_fault() {
        RequestContext drilled = conversation();
        drilled.drilledCalls().add("a", DrillFault.of("429"));
        drilled.drilledCalls().add("a", DrillFault.of("429"));
        drilled.drilledCalls().add("b", DrillFault.of("reset"));
        meters.done(drilled);
        meters.done(conversation());

        assertThat(drills("a", "429")).isEqualTo(2);
        assertThat(drills("b", "reset")).isEqualTo(1);
    }

    @Test
    void names_that_callers_make_up_do_not_fill_the_memory() {
        RequestContext drilled = conversation();
        for (int i = 0; i < 600; i++) {
            drilled.drilledCalls().add("o/" + i, DrillFault.of("429"));
        }
        meters.done(drilled);

        assertThat(drills("o/0", "429")).isEqualTo(1);
        assertThat(drills("other", "429")).isEqualTo(100);
        assertThat(registry.find("bactrian.drills").counters()).hasSize(501);
    }
}
