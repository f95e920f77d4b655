package io.bactrian.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.protocol.CallRecord;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.queue.Verdict.DeadLetter;
import io.bactrian.queue.Verdict.Expired;
import io.bactrian.queue.Verdict.Later;
import io.bactrian.routing.NoTargetAnswered;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class QueuePolicyTest {
    /** Without jitter: the whole delay. */
    private final QueuePolicy policy = new QueuePolicy(() -> 1.0);

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 413, 415, 422})
    void a_rejected_request_is_a_dead_letter_at_once(int status) {
        NoAnswer none = NoAnswer.of(new RequestRejected(status, "invalid_request_error", null, null, "no"));

        assertThat(policy.decide(none, 0, 0, null)).isEqualTo(new DeadLetter("INVALID_REQUEST"));
        assertThat(policy.decide(none, 0, 0, -1L)).isEqualTo(new DeadLetter("INVALID_REQUEST"));
    }

    @ParameterizedTest
    @CsvSource({"400, CONTEXT_LENGTH", "422, INVALID_REQUEST", "413, INVALID_REQUEST", "400, CONTENT_POLICY"})
    void a_mistake_that_the_providers_have_found_is_a_dead_letter_of_its_class(int status, FailureClass type) {
        assertThat(policy.decide(unanswered(status, type, null), 0, 0, null)).isEqualTo(new DeadLetter(type.name()));
    }

    @ParameterizedTest
    @CsvSource({
        "404, MODEL_UNAVAILABLE",
        "429, RATE_LIMITED",
        "499, CANCELLED",
        "502, STREAM_BROKEN",
        "503, AUTHENTICATION",
        "503, QUOTA_EXHAUSTED",
        "503, NETWORK",
        "504, TIMEOUT"
    })
    void an_outage_is_never_a_dead_letter(int status, FailureClass type) {
        for (int tries : new int[] {0, 3, 1_000_000}) {
            assertThat(policy.decide(unanswered(status, type, null), tries, 0, null))
                    .isInstanceOf(Later.class);
        }
    }

    @Test
    void too_many_requests_of_a_caller_come_later() {
        assertThat(policy.decide(NoAnswer.of(RequestRejected.tooFast("requests", "slowly", 7_000)), 0, 0, null))
                .isEqualTo(new Later(7_000, 1_000));
    }

    @ParameterizedTest
    @CsvSource({"0, 1000", "1, 2000", "2, 4000", "5, 32000", "6, 60000", "40, 60000"})
    void the_delay_doubles_up_to_a_minute(int tries, long delay) {
        assertThat(policy.decide(unanswered(503, FailureClass.NETWORK, null), tries, 0, null))
                .isEqualTo(new Later(delay, delay));
    }

    @Test
    void the_jitter_is_half_of_the_delay() {
        assertThat(new QueuePolicy(() -> 0.0).decide(unanswered(503, FailureClass.NETWORK, null), 1, 0, null))
                .isEqualTo(new Later(1_000, 1_000));
    }

    @ParameterizedTest
    @CsvSource({"200, 1000", "300000, 300000", "90000000, 3600000"})
    void a_target_that_returns_later_is_waited_for_up_to_an_hour_unless_the_queue_pauses(long back, long delay) {
        assertThat(policy.decide(unanswered(429, FailureClass.RATE_LIMITED, back), 0, 0, null))
                .isEqualTo(new Later(delay, 1_000));
    }

    @Test
    void a_breaker_or_cooldown_that_may_end_early_is_not_waited_for() {
        assertThat(policy.decide(unanswered(503, FailureClass.CIRCUIT_OPEN, 60_000L, List.of()), 1, 0, null))
                .isEqualTo(new Later(2_000, 2_000));
    }

    @Test
    void the_last_try_comes_before_the_request_expires() {
        NoAnswer none = unanswered(503, FailureClass.NETWORK, 300_000L);

        assertThat(policy.decide(none, 0, 0, 8_000L)).isEqualTo(new Later(4_000, 1_000));
        assertThat(policy.decide(none, 5, 0, 600L)).isEqualTo(new Later(300, 300));
        assertThat(policy.decide(none, 5, 0, 499L)).isEqualTo(new Expired());
        assertThat(policy.decide(none, 5, 0, -5L)).isEqualTo(new Expired());
    }

    @Test
    void an_error_of_the_gateway_is_a_dead_letter_after_three_deliveries() {
        NoAnswer fault = NoAnswer.of(new IllegalStateException("a bug"));

        assertThat(policy.decide(fault, 0, 1, null)).isEqualTo(new Later(1_000, 1_000));
        assertThat(policy.decide(fault, 1, 2, null)).isEqualTo(new Later(2_000, 2_000));
        assertThat(policy.decide(fault, 2, 3, null)).isEqualTo(new DeadLetter("INTERNAL_ERROR"));
    }

    private static NoAnswer unanswered(int status, FailureClass type, @Nullable Long back) {
        return unanswered(
                status,
                type,
                back,
                List.of(new CallRecord("a/m", type.name(), Failure.of(type, "no"), status, 1, null)));
    }

    private static NoAnswer unanswered(int status, FailureClass type, @Nullable Long back, List<CallRecord> calls) {
        Problem problem = new Problem(status, "error", null, null, "failed", back, null, calls);
        return new NoAnswer(NoAnswer.Kind.UNANSWERED, new NoTargetAnswered(problem).problem(), type);
    }
}
