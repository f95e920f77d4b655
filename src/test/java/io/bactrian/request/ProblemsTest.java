package io.bactrian.request;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.CIRCUIT_OPEN;
import static io.bactrian.policy.FailureClass.CONTENT_POLICY;
import static io.bactrian.policy.FailureClass.CONTEXT_LENGTH;
import static io.bactrian.policy.FailureClass.INVALID_REQUEST;
import static io.bactrian.policy.FailureClass.MODEL_UNAVAILABLE;
import static io.bactrian.policy.FailureClass.QUOTA_EXHAUSTED;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static io.bactrian.policy.FailureClass.STREAM_BROKEN;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.Decision;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.FailedAttempt;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.FallbackPolicy;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.Json;
import io.bactrian.protocol.Problem;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.testing.Chunks;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The errors that callers get, by what failed. */
class ProblemsTest {
    private static final long NOW = 1_000_000;
    private static final String SECRET = "sk-proj-do-not-tell";

    private final AttemptTrail trail = new AttemptTrail();
    private final Map<String, Unavailable> unavailable = new HashMap<>();
    private final FallbackPolicy policy =
            new FallbackPolicy((target, now) -> unavailable.get(target.name()), () -> 1.0);
    private final Plan plan =
            TestChains.plan(TestChains.chain(new TestLimits().maxAttempts(1).build(), "a", "b"), NOW + 600_000);

    @Test
    void caller_s_own_mistake_goes_back_with_the_provider_s_words() {
        Failure failure = new Failure(
                INVALID_REQUEST, 400, null, null, "bad_value", "invalid_request_error", "top_p", "Too big.");
        trail.open("a").failed(failure, 12, null);

        Problem problem = Problems.of(failure, trail);

        assertThat(problem.status()).isEqualTo(400);
        assertThat(Json.parse(Json.bytes(ChatCompletions.PROTOCOL.error(problem, "req_1"))))
                .isEqualTo(
                        Chunks.json(
                                "{'error':{'message':'Too big.','type':'invalid_request_error','param':'top_p',"
                                        + "'code':'bad_value','attempts':[{'target':'a','class':'INVALID_REQUEST','status':400,'ms':12}]}}"));
        assertThat(problem.retryAfterSeconds()).isNull();
    }

    @Test
    void status_of_the_caller_s_mistake_is_400_or_422() {
        assertThat(Problems.of(Failure.of(INVALID_REQUEST, 422, "x"), trail).status())
                .isEqualTo(422);
        assertThat(Problems.of(Failure.of(CONTENT_POLICY, 403, "x"), trail).status())
                .isEqualTo(400);
        assertThat(Problems.of(Failure.of(INVALID_REQUEST, 0, "x"), trail))
                .returns(400, Problem::status)
                .returns("invalid_request_error", Problem::type);
    }

    @Test
    void every_window_too_small_is_a_400_that_clients_know() {
        Problem problem = exhausted(CONTEXT_LENGTH, CONTEXT_LENGTH);

        is(problem, 400, "invalid_request_error", "context_length_exceeded");
        assertThat(problem.shouldRetry()).isNull();
    }

    @Test
    void every_model_missing_is_a_404() {
        is(exhausted(MODEL_UNAVAILABLE, MODEL_UNAVAILABLE), 404, "invalid_request_error", "model_not_found");
    }

    @Test
    void every_candidate_rate_limited_is_a_429_with_the_earliest_return() {
        cooling("a", RATE_LIMITED, 20_001);
        cooling("b", RATE_LIMITED, 25_000);
        Problem problem = exhausted(RATE_LIMITED, RATE_LIMITED);

        is(problem, 429, "rate_limit_error", "all_providers_failed");
        assertThat(problem.retryAfterSeconds()).isEqualTo(21);
        assertThat(problem.shouldRetry()).isNull();
    }

    @Test
    void candidates_that_were_cooling_from_rate_limits_already_are_a_429_too() {
        cooling("a", RATE_LIMITED, 700_000);
        cooling("b", RATE_LIMITED, 800_000);
        Problem problem = exhausted();

        is(problem, 429, "rate_limit_error", "all_providers_failed");
        assertThat(problem.retryAfterSeconds()).isEqualTo(700);
        assertThat(problem.shouldRetry()).isFalse();
        assertThat(problem.message()).contains("a=COOLING, b=COOLING");
        assertThat(problem.attempts()).isEmpty();
    }

    @Test
    void deadline_is_a_504() {
        trail.open("a").failed(Failure.of(TIMEOUT, "no first token"), 10_000, null);

        Problem problem = Problems.of(new GiveUp(Cause.DEADLINE, null), plan, trail, NOW);

        is(problem, 504, "timeout_error", "all_providers_failed");
        assertThat(problem.shouldRetry()).isFalse();
        assertThat(problem.message()).contains("a failed (timeout): no first token (1 call in all)");
    }

    @Test
    void mixed_failures_are_a_503_that_names_the_first_cause() {
        Problem problem = exhausted(SERVER_ERROR, RATE_LIMITED);

        is(problem, 503, "service_unavailable_error", "all_providers_failed");
        assertThat(problem.message()).contains("a failed with status 500 (server error): words (2 calls in all)");
        assertThat(problem.shouldRetry()).isFalse();
        assertThat(problem.retryAfterSeconds()).isNull();
        assertThat(problem.attempts()).hasSize(2);
    }

    @Test
    void outage_with_a_known_return_says_when() {
        cooling("b", CIRCUIT_OPEN, 660_000);
        Problem problem = exhausted(SERVER_ERROR);

        is(problem, 503, "service_unavailable_error", "all_providers_failed");
        assertThat(problem.retryAfterSeconds()).isEqualTo(660);
        assertThat(problem.shouldRetry()).isFalse();
    }

    @Test
    void refused_keys_are_a_503_and_the_provider_s_words_stay_here() {
        Problem problem = exhausted(AUTHENTICATION, QUOTA_EXHAUSTED);

        is(problem, 503, "service_unavailable_error", "all_providers_failed");
        assertThat(ChatCompletions.PROTOCOL.error(problem, "req_1").toString()).doesNotContain(SECRET);
        assertThat(problem.message()).contains("a failed with status 500 (authentication)");
    }

    @Test
    void no_eligible_target_is_a_400_that_names_the_reasons() {
        Plan none = Plan.of(
                TestChains.chain(TestLimits.defaults(), "a", "b"),
                true,
                NOW,
                NOW + 1,
                c -> c.target().name().equals("a") ? "tools" : "quality");

        Problem problem = Problems.of((GiveUp) policy.first(none, NOW), none, trail, NOW);

        is(problem, 400, "invalid_request_error", "no_eligible_target");
        assertThat(problem.message()).contains("a=tools, b=quality");
    }

    @Test
    void request_that_no_target_can_be_given_is_a_400_that_says_what_is_wrong_with_it() {
        Problem problem = Problems.of(
                unable(
                        Failure.invalidRequest("messages[1].content", "The message is empty."),
                        Failure.invalidRequest("messages[2]", "Something else.")),
                plan,
                trail,
                NOW);

        is(problem, 400, "invalid_request_error", null);
        assertThat(problem.param()).isEqualTo("messages[1].content");
        assertThat(problem.message()).isEqualTo("The message is empty.");
    }

    @Test
    void what_is_wrong_with_it_for_some_targets_stands_beside_what_the_others_lack() {
        Problem problem = Problems.of(
                unable(
                        Failure.invalidRequest("messages[1].content", "The message is empty."),
                        Failure.unsupported("audio", "It accepts no audio.")),
                plan,
                trail,
                NOW);

        is(problem, 400, "invalid_request_error", "no_eligible_target");
        assertThat(problem.message()).endsWith("a=translation, b=audio. The message is empty. It accepts no audio.");
    }

    /** Passes over every candidate, for one of these reasons each. */
    private GiveUp unable(Failure... reasons) {
        Decision decision = policy.first(plan, NOW);
        for (Failure reason : reasons) {
            decision = policy.after(plan, ((Decision.Ask) decision).candidate(), FailedAttempt.of(reason), NOW);
        }
        return (GiveUp) decision;
    }

    @Test
    void what_lasts_until_somebody_mends_it_is_not_to_be_asked_again_by_a_library() {
        unavailable.put("a", new Unavailable("COOLING", AUTHENTICATION, NOW + 300_000, NOW + 10_000));
        unavailable.put("b", new Unavailable("COOLING", QUOTA_EXHAUSTED, NOW + 600_000, NOW + 20_000));

        Problem problem = exhausted();

        is(problem, 503, "service_unavailable_error", "all_providers_failed");
        assertThat(problem.retryAfterSeconds()).isEqualTo(10);
        assertThat(problem.shouldRetry()).isFalse();
    }

    @Test
    void broken_stream_says_so_and_is_not_to_be_asked_for_again() {
        Failure failure = Failure.of(STREAM_BROKEN, 200, "the stream broke");
        trail.open("a").failed(failure, 900, null);

        Problem problem = Problems.broken(failure, trail);

        is(problem, 502, "server_error", "stream_broken");
        assertThat(problem.shouldRetry()).isFalse();
        assertThat(ChatCompletions.PROTOCOL
                        .error(problem, "req_1")
                        .at("/error/attempts/0/class")
                        .asText())
                .isEqualTo("STREAM_BROKEN");
    }

    @Test
    void call_without_a_status_says_null() {
        trail.open("a").failed(Failure.of(TIMEOUT, "slow"), 7, null);

        assertThat(ChatCompletions.PROTOCOL
                        .error(Problems.of(new GiveUp(Cause.DEADLINE, null), plan, trail, NOW), "req_1")
                        .at("/error/attempts/0/status")
                        .isNull())
                .isTrue();
    }

    @Test
    void refusal_of_the_gateway_itself_has_its_own_words() {
        Problem problem =
                Problem.of(new RequestRejected(404, "invalid_request_error", "model_not_found", "model", "No."));

        assertThat(Json.parse(Json.bytes(ChatCompletions.PROTOCOL.error(problem, "req_1"))))
                .isEqualTo(Chunks.json("{'error':{'message':'No.','type':'invalid_request_error','param':'model',"
                        + "'code':'model_not_found'}}"));
    }

    @Test
    void wait_is_given_in_whole_seconds_of_at_least_one() {
        assertThat(waiting(0L).retryAfterSeconds()).isEqualTo(1);
        assertThat(waiting(1_000L).retryAfterSeconds()).isEqualTo(1);
        assertThat(waiting(1_001L).retryAfterSeconds()).isEqualTo(2);
        assertThat(waiting(null).retryAfterSeconds()).isNull();
    }

    private static Problem waiting(Long millis) {
        return new Problem(503, "t", null, null, "m", millis, null, List.of());
    }

    private static void is(Problem problem, int status, String type, String code) {
        assertThat(problem)
                .returns(status, Problem::status)
                .returns(type, Problem::type)
                .returns(code, Problem::code);
        assertThat(ChatCompletions.PROTOCOL
                        .error(problem, "req_1")
                        .at("/error/message")
                        .asText())
                .isNotBlank();
    }

    private void cooling(String target, FailureClass type, long millis) {
        unavailable.put(target, new Unavailable("COOLING", type, NOW + millis));
    }

    /** Lets the candidates fail one after the other with these classes, until none is left. */
    private Problem exhausted(FailureClass... types) {
        Map<String, Unavailable> afterwards = new HashMap<>(unavailable);
        if (types.length == plan.candidates().size()) {
            unavailable.clear();
        }
        Decision decision = policy.first(plan, NOW);
        for (int i = 0; i < types.length; i++) {
            Candidate candidate = ((Decision.Ask) decision).candidate();
            boolean secret = types[i] == AUTHENTICATION || types[i] == QUOTA_EXHAUSTED;
            Failure failure = new Failure(
                    types[i],
                    500,
                    Duration.ofSeconds(700),
                    null,
                    null,
                    null,
                    null,
                    secret ? "wrong key " + SECRET : "words");
            plan.call(candidate);
            trail.open(candidate.target().name()).failed(failure, 5, null);
            if (i == types.length - 1) {
                unavailable.putAll(afterwards);
            }
            decision = policy.after(plan, candidate, FailedAttempt.of(failure), NOW);
        }
        return Problems.of((GiveUp) decision, plan, trail, NOW);
    }
}
