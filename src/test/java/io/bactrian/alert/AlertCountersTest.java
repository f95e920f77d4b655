package io.bactrian.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Config;
import io.bactrian.config.ConfigReader;
import io.bactrian.config.Target;
import io.bactrian.health.ProbeResult;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.Cancellation;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.InboundRequest;
import io.bactrian.request.RequestContext;
import io.bactrian.request.RequestOptions;
import io.bactrian.testing.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The counts of requests and probes that alerts are made of. */
final class AlertCountersTest {
    private static final Failure GONE = Failure.of(FailureClass.MODEL_UNAVAILABLE, 404, "no such model");

    private final Config config = ((ConfigReader.Result.Read) ConfigReader.read(
                    Map.of(
                            "bactrian.providers.p.base-url", "http://localhost:1/v1",
                            "bactrian.providers.p.keyless", "true",
                            "bactrian.chains.default", "p/a, p/b"),
                    Map.of()))
            .config();
    private final Chain chain = Objects.requireNonNull(config.chains().get("default"));
    private final Target target = chain.candidates().getFirst().target();
    private final VirtualClock clock = new VirtualClock();
    private final AlertCounters counters = new AlertCounters(clock);

    AlertCountersTest() {
        counters.follow(config);
    }

    @Test
    void a_model_that_only_probes_miss_is_missing_until_one_finds_it() {
        counters.probed(new ProbeResult(target, GONE, 10, 0, 0, 0));
        counters.probed(new ProbeResult(target, GONE, 10, 0, 0, 0));
        assertThat(counters.ofTarget("p/a").modelMissing).isEqualTo(2);

        counters.probed(new ProbeResult(target, false, null, 10, 0, 0, 0));
        assertThat(counters.ofTarget("p/a").modelMissing).isEqualTo(2);

        counters.probed(new ProbeResult(target, null, 10, 8, 1, 0));
        assertThat(counters.ofTarget("p/a").modelMissing).isZero();
    }

    @Test
    void a_failed_probe_is_later_than_a_drill() {
        RequestContext drilled = request(false, true, 600_000, 503);
        drilled.drilledCalls().add("p/a", io.bactrian.health.DrillFault.of("503"));
        counters.done(drilled);
        clock.pass(java.time.Duration.ofSeconds(1));

        counters.probed(new ProbeResult(target, Failure.of(FailureClass.TIMEOUT, "late"), 10, 0, 0, 0));

        AlertCounters.OfTarget counts = counters.ofTarget("p/a");
        assertThat(Objects.requireNonNull(counts.latest).at()).isGreaterThan(counts.drilledAt);
    }

    @Test
    void requests_that_no_target_could_answer_are_counted() {
        counters.done(request(false, true, 600_000, 503));
        counters.done(request(true, true, 60_000, 504));

        assertThat(counters.ofChain("default").failedInARow).isEqualTo(2);
    }

    @Test
    void a_caller_that_allows_too_little_says_nothing_of_the_chain() {
        counters.done(request(true, true, 100, 504));
        counters.done(request(false, false, 600_000, 503));

        assertThat(counters.ofChain("default").failedInARow).isZero();
        assertThat(counters.ofChain("default").lately.sum(clock.millis()).requests())
                .isEqualTo(2);
    }

    private RequestContext request(boolean ownDeadline, boolean fallback, long millis, int status) {
        DocumentReply reply = new DocumentReply(ChatCompletions.PROTOCOL, "req_1");
        InboundRequest inbound = new InboundRequest(
                "req_1",
                "",
                ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(StandardCharsets.UTF_8)),
                new RequestOptions(null, null, fallback, null, null, Map.of()),
                reply,
                new Cancellation(),
                Map.of());
        long now = clock.millis();
        Plan plan = Plan.of(chain, fallback, now, now + millis, entry -> null);
        RequestContext context = new RequestContext(inbound, chain, plan, reply, now, ownDeadline, false);
        context.fail(new Problem(status, "server_error", null, null, "failed", null, null, List.of()));
        return context;
    }
}
