package io.bactrian.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Chain;
import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.request.DocumentReply;
import io.bactrian.request.RequestContext;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrafficTest {
    private static final Target A = TestChains.target("a");
    private static final Target B = TestChains.target("b");

    private final VirtualClock clock = new VirtualClock();
    private final RecentEvents events = new RecentEvents();
    private final Traffic traffic = new Traffic(events, clock);

    @Test
    void answers_are_counted_for_the_chain_and_make_no_event() {
        for (int i = 0; i < 4; i++) {
            traffic.done(answered(0));
        }
        sample();
        ChainTraffic chain = traffic.chain("default");
        assertThat(chain.requests.growth(5)).isEqualTo(4);
        assertThat(chain.answered.growth(5)).isEqualTo(4);
        assertThat(chain.share("a")).isEqualTo(1.0);
        assertThat(chain.share("b")).isEqualTo(0.0);
        assertThat(chain.lastAnswer()).isEqualTo("a");
        assertThat(events.all()).isEmpty();
    }

    @Test
    void what_was_answered_longer_than_ten_minutes_ago_has_no_share() {
        traffic.done(answered(0));
        sample();
        clock.pass(Duration.ofMinutes(11));
        sample();
        assertThat(traffic.chain("default").share("a")).isNull();
    }

    @Test
    void a_request_without_an_answer_is_an_event_with_its_class_and_code() {
        RequestContext context = planned();
        context.fail(
                new Problem(503, "server_error", "all_providers_failed", null, "Secret words", null, null, List.of()));
        traffic.done(context);
        sample();
        assertThat(traffic.chain("default").failed.growth(5)).isEqualTo(1);
        ObjectNode event = events.all().getFirst().event().json(1, true);
        assertThat(event.path("kind").asText()).isEqualTo("failed");
        assertThat(event.path("text").asText()).isEqualTo("503 all_providers_failed");
        assertThat(event.path("to").isNull()).isTrue();
        assertThat(event.toString()).doesNotContain("Secret");
    }

    @Test
    void the_caller_s_own_mistake_is_neither_answered_nor_failed() {
        RequestContext context = planned();
        context.fail(new Problem(400, "invalid_request_error", null, null, "No", null, null, List.of()));
        traffic.done(context);
        sample();
        assertThat(traffic.chain("default").requests.growth(5)).isEqualTo(1);
        assertThat(traffic.chain("default").failed.growth(5)).isZero();
        assertThat(events.all()).isEmpty();
    }

    @Test
    void failures_count_by_class_for_an_hour_and_in_a_row_until_a_success() {
        traffic.failed(A, Failure.of(FailureClass.OVERLOADED, 529, "busy"), 5);
        traffic.failed(A, Failure.of(FailureClass.OVERLOADED, 529, "busy"), 5);
        traffic.failed(A, Failure.of(FailureClass.INVALID_REQUEST, 400, "no"), 5);
        traffic.failed(A, Failure.of(FailureClass.CANCELLED, 0, "left"), 5);
        sample();
        TargetTraffic own = traffic.of(A);
        assertThat(own.failuresInARow()).isEqualTo(2);
        assertThat(own.failures(FailureClass.OVERLOADED)).isEqualTo(2);
        assertThat(own.failures(FailureClass.INVALID_REQUEST)).isEqualTo(1);
        assertThat(own.failures(FailureClass.CANCELLED)).isZero();
        assertThat(own.lastFailure()).extracting(Failure::status).isEqualTo(529);
        assertThat(traffic.of(B).failuresInARow()).isZero();

        traffic.answered(A, 10);
        assertThat(own.failuresInARow()).isZero();
        assertThat(own.lastSuccess()).isEqualTo(clock.millis());
        clock.pass(Duration.ofMinutes(61));
        sample();
        assertThat(own.failures(FailureClass.OVERLOADED)).isZero();
    }

    @Test
    void an_outage_costs_a_count_and_few_events() {
        for (int i = 0; i < 1_000; i++) {
            RequestContext context = planned();
            context.fail(new Problem(503, "server_error", null, null, "No", null, null, List.of()));
            traffic.done(context);
        }
        sample();
        assertThat(traffic.chain("default").failed.growth(5)).isEqualTo(1_000);
        assertThat(events.all()).hasSize(3);
    }

    @Test
    void names_that_callers_make_up_share_a_row() {
        for (int i = 0; i < 600; i++) {
            traffic.chain("provider/model-" + i).requests.increment();
        }
        sample();
        assertThat(traffic.chains()).hasSizeLessThanOrEqualTo(501);
        assertThat(traffic.chain("other").requests.growth(5)).isEqualTo(100);
    }

    @Test
    void configured_names_have_rows_of_their_own_however_many_callers_have_made_up() {
        for (int i = 0; i < 600; i++) {
            traffic.chain("provider/model-" + i).requests.increment();
            traffic.of(TestChains.target("model-" + i)).failed(Failure.of(FailureClass.OVERLOADED, 529, "busy"));
        }
        traffic.keep(List.of("default", "cheap"), List.of("a", "b"));
        traffic.done(answered(0));
        traffic.failed(A, Failure.of(FailureClass.TIMEOUT, 0, "late"), 5);
        sample();
        assertThat(traffic.chain("default").requests.growth(5)).isEqualTo(1);
        assertThat(traffic.chain("cheap").requests.growth(5)).isZero();
        assertThat(traffic.of(A).failures(FailureClass.TIMEOUT)).isEqualTo(1);
        assertThat(traffic.of(A).failures(FailureClass.OVERLOADED)).isZero();
        assertThat(traffic.of(B).failures(FailureClass.TIMEOUT)).isZero();
    }

    private void sample() {
        traffic.sample(clock.millis());
    }

    private static RequestContext planned() {
        Chain chain = TestChains.chain(TestLimits.defaults(), A, B);
        ChatRequest request = ChatCompletions.PROTOCOL.read("{\"messages\":[{}]}".getBytes(StandardCharsets.UTF_8));
        DocumentReply reply = new DocumentReply(ChatCompletions.PROTOCOL, "req_1");
        return TestRequests.planned(request, chain, TestChains.plan(chain, 600_000), reply, 0, false);
    }

    private static RequestContext answered(int by) {
        RequestContext context = planned();
        context.answering(context.plan().candidates().get(by), 7);
        return context;
    }
}
