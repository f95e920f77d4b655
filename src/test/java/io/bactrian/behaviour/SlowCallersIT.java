package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bactrian.testing.Call;
import io.bactrian.testing.Caller;
import io.bactrian.testing.Gateway.Answer;
import io.bactrian.testing.GatewayExtension;
import io.bactrian.testing.RawCaller;
import io.bactrian.testing.Request;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Callers that read slowly, of both protocols: the provider is slowed down, and nothing is lost. */
final class SlowCallersIT {
    @RegisterExtension
    static final GatewayExtension gateway = GatewayExtension.with(
                    "bactrian.defaults.backoff=10ms",
                    "bactrian.defaults.deadline=120s",
                    "bactrian.defaults.breaker.failures=100",
                    "bactrian.providers.hasty-openai.idle-timeout=2s",
                    "bactrian.providers.hasty-anthropic.idle-timeout=2s")
            .openai("p-openai", "hasty-openai", "f")
            .anthropic("p-anthropic", "hasty-anthropic")
            .chains("p-openai, f", "max-attempts=1");

    @Test
    void a_slow_caller_reads_everything_in_order_and_is_not_taken_for_a_silent_provider() {
        Map<String, NumberedFlood> floods = Map.of(
                "openai", new NumberedFlood("openai", 200, 16L << 20),
                "anthropic", new NumberedFlood("anthropic", 200, 16L << 20));
        floods.forEach((api, flood) -> gateway.stub("hasty-" + api).answers(flood));

        Pair.atOnce(pair -> {
            Request request = gateway.along(pair.provider("hasty"), "f").by(pair.caller()).stream(true)
                    .saying(pair.toString());
            try (RawCaller raw = gateway.raw(request)) {
                NumberedFlood.awaitStandstill(Duration.ofMillis(2500), floods.get("openai"), floods.get("anthropic"));
                assertThat(floods.get(pair.api()).sent().get()).isLessThan(26L << 20);
                assertThat(call(pair).answered()).isFalse();

                String answer = raw.widened().readUntil(pair.end());
                NumberedFlood.assertInOrder(answer);
                // A translation has other, mostly shorter, envelopes.
                assertThat(answer.length())
                        .isGreaterThan((pair.equals(new Pair(Caller.CHAT, "openai")) ? 16 : 8) << 20);
            }
            await().until(() -> call(pair).answered());
        });
        assertThat(gateway.stub("hasty-openai").calls()).hasSize(2);
        assertThat(gateway.stub("hasty-anthropic").calls()).hasSize(2);
        assertThat(gateway.stub("f").calls()).isEmpty();
    }

    private static Call call(Pair pair) {
        return gateway.stub(pair.provider("hasty")).calls().stream()
                .filter(call -> call.text().contains(pair.toString()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_caller_who_reads_too_late_finds_an_error_at_the_end() {
        gateway.stub("p-openai").answers(new NumberedFlood("openai", 200, Long.MAX_VALUE));
        gateway.stub("p-anthropic").answers(new NumberedFlood("anthropic", 200, Long.MAX_VALUE));

        Pair.atOnce(pair -> {
            Request request = gateway.along(pair.provider("p"), "f").by(pair.caller()).stream(true)
                    .header("x-bactrian-timeout", "1500");
            try (RawCaller raw = gateway.raw(request)) {
                await().until(() ->
                        gateway.stub(pair.provider("p")).calls().stream().anyMatch(Call::clientLeft));

                String answer = raw.readUntil("\"class\":\"TIMEOUT\"");
                NumberedFlood.assertInOrder(answer);
                assertThat(answer.substring(answer.length() - 2000))
                        .contains(pair.caller() == Caller.CHAT ? "data: {\"error\"" : "event: error\ndata: {")
                        .contains(": bactrian attempts " + pair.provider("p") + "/");
            }
        });
        await().until(() -> gateway.inFlight() == 0);
    }

    @Test
    void an_answer_without_measure_is_no_document() {
        NumberedFlood flood = new NumberedFlood("openai", 100, 200L << 20);
        gateway.stub("p-openai").answers(flood);

        Answer answer = gateway.ask(Request.of(gateway.chain("p-openai, f", "max-attempts=1")));

        assertThat(answer.outcomes()).isEqualTo("p-openai=INVALID_RESPONSE, f=OK");
        assertThat(answer.attempts()).isEqualTo(String.join(", ", answer.trail()));
        assertThat(flood.sent().get()).isLessThan(100L << 20);
    }
}
