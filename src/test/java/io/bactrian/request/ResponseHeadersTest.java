package io.bactrian.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.FailedAttempt;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.policy.LastResortAnswer;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.CallOptions;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ResponseHeadersTest {
    private final Chain chain = TestChains.chain(
            TestLimits.defaults(), target("best", 1.0), target("good", 0.8), target("fair", 0.8), target("poor", 0.5));
    private final Plan plan =
            Plan.of(chain, true, 0, 600_000, c -> c.target().name().equals("fair") ? "tools" : null);
    private final RequestContext context = context(plan, false);
    private final FallbackPolicy policy = new FallbackPolicy(
            (target, now) -> target.name().equals("good")
                    ? new Unavailable("CIRCUIT_OPEN", FailureClass.CIRCUIT_OPEN, 60_000)
                    : null,
            () -> 1.0);

    @Test
    void answer_of_the_first_is_not_degraded() {
        setOut();
        answering();
        context.succeeded("OK", 200, 30, null);

        assertThat(ResponseHeaders.of(context, false))
                .containsExactly(
                        entry("x-request-id", "req_1"),
                        entry("x-bactrian-target", "best"),
                        entry("x-bactrian-attempts", "best=OK"),
                        entry("x-bactrian-skipped", "fair=tools"),
                        entry("x-bactrian-fallbacks", "0"),
                        entry("x-bactrian-degraded", "false"),
                        entry("x-bactrian-quality", "1.0"));
    }

    @Test
    void answer_of_a_worse_one_tells_the_way_there() {
        setOut();
        fail(FailureClass.TIMEOUT);
        answering();

        assertThat(ResponseHeaders.of(context, true))
                .contains(
                        entry("x-bactrian-target", "poor"),
                        entry("x-bactrian-attempts", "best=TIMEOUT, poor=OK"),
                        entry("x-bactrian-skipped", "good=CIRCUIT_OPEN, fair=tools"),
                        entry("x-bactrian-fallbacks", "3"),
                        entry("x-bactrian-degraded", "quality"),
                        entry("x-bactrian-quality", "0.5"));
    }

    @Test
    void call_that_answers_is_in_the_attempts_once() {
        setOut();
        answering();
        assertThat(ResponseHeaders.of(context, true)).containsEntry("x-bactrian-attempts", "best=OK");

        context.succeeded("OK", 200, 30, null);
        assertThat(ResponseHeaders.of(context, false)).containsEntry("x-bactrian-attempts", "best=OK");
    }

    @Test
    void second_try_of_the_same_target_is_no_fallback() {
        setOut();
        fail(FailureClass.SERVER_ERROR);
        answering();

        assertThat(ResponseHeaders.of(context, true))
                .contains(
                        entry("x-bactrian-attempts", "best=SERVER_ERROR, best=OK"),
                        entry("x-bactrian-fallbacks", "0"),
                        entry("x-bactrian-degraded", "false"));
    }

    @Test
    void dropped_parameters_degrade_an_answer() {
        setOut();
        answering();
        context.currentCall().dropped(List.of("seed"));
        assertThat(ResponseHeaders.degraded(context)).isEqualTo("features");

        context.answering(plan.candidates().get(3), 7);
        assertThat(ResponseHeaders.degraded(context)).isEqualTo("quality, features");
    }

    @Test
    void equal_quality_is_not_degraded() {
        Plan same =
                TestChains.plan(TestChains.chain(TestLimits.defaults(), target("x", 0.8), target("y", 0.8)), 600_000);
        RequestContext other = context(same, false);
        other.answering(same.candidates().get(1), 7);
        assertThat(ResponseHeaders.degraded(other)).isEqualTo("false");
    }

    @Test
    void error_names_no_target_that_answered() {
        setOut();
        fail(FailureClass.TIMEOUT);
        fail(FailureClass.TIMEOUT);

        assertThat(ResponseHeaders.of(context, false))
                .doesNotContainKeys("x-bactrian-target", "x-bactrian-degraded", "x-bactrian-quality")
                .contains(
                        entry("x-bactrian-attempts", "best=TIMEOUT, poor=TIMEOUT"), entry("x-bactrian-fallbacks", "4"));
    }

    @Test
    void simulated_providers_are_labelled() {
        Plan plain = TestChains.plan(chain, 600_000);

        assertThat(ResponseHeaders.of(context(plain, true), false)).containsEntry("x-bactrian-demo", "true");
        assertThat(ResponseHeaders.of(context(plain, false), false))
                .doesNotContainKeys("x-bactrian-demo", "x-bactrian-skipped");
    }

    @Test
    void a_stale_answer_has_its_age_and_no_target_that_answered_now() {
        setOut();
        fail(FailureClass.TIMEOUT);
        context.answering(
                new LastResortAnswer(
                        "stale", "stale", 0.8, new LastResortAnswer.Origin("good", 61), Json.MAPPER.createObjectNode()),
                9);

        assertThat(context.answered()).isTrue();
        assertThat(ResponseHeaders.of(context, false))
                .containsExactly(
                        entry("x-request-id", "req_1"),
                        entry("x-bactrian-attempts", "best=TIMEOUT"),
                        entry("x-bactrian-skipped", "good=CIRCUIT_OPEN, fair=tools"),
                        entry("x-bactrian-fallbacks", "4"),
                        entry("x-bactrian-target", "stale"),
                        entry("x-bactrian-degraded", "quality, stale"),
                        entry("x-bactrian-quality", "0.8"),
                        entry("age", "61"));
    }

    @Test
    void a_fixed_text_has_no_age_and_no_quality() {
        setOut();
        context.answering(new LastResortAnswer("static:sorry", "static", 0, null, Json.MAPPER.createObjectNode()), 9);

        assertThat(ResponseHeaders.of(context, false))
                .contains(
                        entry("x-bactrian-target", "static:sorry"),
                        entry("x-bactrian-degraded", "static"),
                        entry("x-bactrian-quality", "0.0"))
                .doesNotContainKey("age");
    }

    @Test
    void answer_that_was_taken_back_leaves_no_label() {
        setOut();
        answering();
        context.retractAnswer();

        assertThat(ResponseHeaders.of(context, true)).doesNotContainKey("x-bactrian-target");
        assertThat(context.firstContentAfter()).isEqualTo(-1);
    }

    @Test
    void drills_that_failed_calls_are_listed_once_each() {
        setOut();
        assertThat(ResponseHeaders.of(context, false)).doesNotContainKey("x-bactrian-drill");

        context.drilledCalls().add("best", DrillFault.of("429"));
        context.drilledCalls().add("best", DrillFault.of("429"));
        context.drilledCalls().add("poor", DrillFault.of("timeout"));

        assertThat(ResponseHeaders.of(context, false)).containsEntry("x-bactrian-drill", "best=429, poor=timeout");
        assertThat(ResponseHeaders.soFar(context)).containsEntry("x-bactrian-drill", "best=429, poor=timeout");
        assertThat(context.drilledCalls().calls()).hasSize(3);
    }

    private void setOut() {
        context.decide(policy.first(plan, 0));
    }

    private void answering() {
        context.call(
                CallOptions.plainly(false),
                TestRequests.call(context.candidate().target()));
        context.answering(context.candidate(), 7);
    }

    private void fail(FailureClass type) {
        Candidate candidate = context.candidate();
        context.call(
                CallOptions.plainly(false),
                TestRequests.call(context.candidate().target()));
        Failure failure = Failure.of(type, "any");
        context.currentCall().failed(failure, 5);
        Decision next = policy.after(plan, candidate, FailedAttempt.of(failure), 0);
        if (next instanceof Ask) {
            context.decide(next);
        }
    }

    private RequestContext context(Plan other, boolean demo) {
        ChatRequest request = ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(UTF_8));
        return TestRequests.planned(
                request,
                chain,
                other,
                new CapturedReply(true),
                0,
                demo,
                Map.of("of-best/model-best", DrillFault.of("429")));
    }

    private static Target target(String name, double quality) {
        return TestChains.target(name, TestChains.provider("of-" + name, "secret"), quality, null);
    }
}
