package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.CANCELLED;
import static io.bactrian.policy.FailureClass.CONTENT_POLICY;
import static io.bactrian.policy.FailureClass.CONTEXT_LENGTH;
import static io.bactrian.policy.FailureClass.INVALID_REQUEST;
import static io.bactrian.policy.FailureClass.INVALID_RESPONSE;
import static io.bactrian.policy.FailureClass.MODEL_UNAVAILABLE;
import static io.bactrian.policy.FailureClass.NETWORK;
import static io.bactrian.policy.FailureClass.OVERLOADED;
import static io.bactrian.policy.FailureClass.QUOTA_EXHAUSTED;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.SERVER_ERROR;
import static io.bactrian.policy.FailureClass.STREAM_BROKEN;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static io.bactrian.policy.FailureClass.UNSUPPORTED;
import static io.bactrian.testing.TestChains.chain;
import static io.bactrian.testing.TestChains.windowed;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Limits;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.InvalidRequest;
import io.bactrian.config.Target;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class FallbackPolicyTest {

    private static final Failure RESET =
            new Failure(NETWORK, 0, null, null, Failure.RESET, null, null, "connection reset");

    /** Limits with which a request may wait up to its deadline. */
    private static final Limits PATIENT =
            new TestLimits().maxWait(Duration.ofMinutes(10)).build();

    @Nested
    class The_failure_table {

        @ParameterizedTest
        @EnumSource(value = FailureClass.class, names = "CIRCUIT_OPEN", mode = Mode.EXCLUDE)
        void first_failure_of_a_class_leads_where_its_row_says(FailureClass type) {
            String where =
                    switch (type) {
                        case RATE_LIMITED, OVERLOADED, SERVER_ERROR -> "a +500";
                        case INVALID_RESPONSE -> "a";
                        case QUOTA_EXHAUSTED,
                                AUTHENTICATION,
                                TIMEOUT,
                                NETWORK,
                                MODEL_UNAVAILABLE,
                                CONTEXT_LENGTH,
                                UNSUPPORTED,
                                INVALID_REQUEST,
                                STREAM_BROKEN -> "b";
                        case CONTENT_POLICY -> "return " + type;
                        case CANCELLED -> "CANCELLED";
                        case CIRCUIT_OPEN -> throw new AssertionError();
                    };

            Walk.along("a", "b").fails(type).leadsTo(where);
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"OVERLOADED", "SERVER_ERROR", "INVALID_RESPONSE"})
        void class_that_is_tried_again_is_tried_again_once(FailureClass type) {
            Walk.along("a", "b").fails(type).fails(type).leadsTo("b");
        }

        @Test
        void answer_beyond_all_bounds_is_not_asked_for_again() {
            Failure failure = Failure.tooLong("the answer has more than 64 MB");
            Walk.along("a", "b")
                    .fails(new FailedAttempt(failure, 0, false, false))
                    .leadsTo("b");
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {
                    "OVERLOADED",
                    "SERVER_ERROR",
                    "INVALID_RESPONSE",
                    "TIMEOUT",
                    "AUTHENTICATION",
                    "QUOTA_EXHAUSTED",
                    "MODEL_UNAVAILABLE",
                    "CONTEXT_LENGTH",
                    "UNSUPPORTED"
                })
        void last_candidate_that_keeps_failing_ends_the_request(FailureClass type) {
            Walk walk = Walk.along("a").fails(type);
            if (walk.decision() instanceof Decision.Ask) {
                walk.fails(type);
            }

            walk.leadsTo("EXHAUSTED");
        }

        @Test
        void rate_limit_is_waited_out_until_the_attempts_are_spent() {
            Walk.along("a", "b")
                    .fails(RATE_LIMITED)
                    .leadsTo("a +500")
                    .fails(RATE_LIMITED)
                    .leadsTo("a +1000")
                    .fails(RATE_LIMITED)
                    .leadsTo("b");
        }

        @Test
        void rate_limit_within_patience_waits_as_long_as_it_says() {
            Walk.along("a", "b").fails(RATE_LIMITED, Duration.ofSeconds(5)).leadsTo("a +5000");
        }

        @Test
        void rate_limit_beyond_patience_leads_to_the_next() {
            Walk.along("a", "b").fails(RATE_LIMITED, Duration.ofMillis(5001)).leadsTo("b");
        }

        @Test
        void overloaded_target_gets_the_longer_of_backoff_and_retry_after() {
            Walk.along("a", "b").fails(OVERLOADED, Duration.ofMillis(200)).leadsTo("a +500");
            Walk.along("a", "b").fails(OVERLOADED, Duration.ofSeconds(2)).leadsTo("a +2000");
            Walk.along("a", "b").fails(OVERLOADED, Duration.ofSeconds(6)).leadsTo("b");
        }

        @Test
        void reset_before_an_answer_is_tried_again_at_once_and_once() {
            Walk.along("a", "b").fails(RESET).leadsTo("a").fails(RESET).leadsTo("b");
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"AUTHENTICATION", "QUOTA_EXHAUSTED", "RATE_LIMITED"})
        void failure_of_a_key_is_tried_again_at_once_with_another_key(FailureClass type) {
            Failure ofKey = new Failure(type, 429, Duration.ofSeconds(2), false, null, null, null, "key");
            FailedAttempt withKeyLeft = new FailedAttempt(ofKey, 10, true, false);

            Walk.along("a", "b")
                    .fails(withKeyLeft)
                    .leadsTo("a")
                    .fails(withKeyLeft)
                    .leadsTo("a")
                    .fails(withKeyLeft)
                    .leadsTo("b");
        }

        @Test
        void content_policy_may_try_the_next() {
            Limits limits = new TestLimits().contentPolicy(ContentPolicy.NEXT).build();

            Walk.along(chain(limits, "a", "b")).fails(CONTENT_POLICY).leadsTo("b");
        }

        @Test
        void broken_stream_asks_the_others_first_and_then_the_same_again() {
            Walk.along("a", "b")
                    .fails(STREAM_BROKEN)
                    .leadsTo("b")
                    .fails(TIMEOUT)
                    .leadsTo("a queued")
                    .fails(STREAM_BROKEN)
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void broken_stream_of_the_only_candidate_is_asked_for_again() {
            Walk.along("a")
                    .fails(STREAM_BROKEN)
                    .leadsTo("a")
                    .fails(STREAM_BROKEN)
                    .leadsTo("EXHAUSTED");
        }
    }

    @Nested
    class A_window_that_is_too_small {

        @Test
        void leads_only_to_larger_and_unknown_windows() {
            Walk walk = Walk.along(chain(
                    TestLimits.defaults(),
                    windowed("a", 8_000),
                    windowed("b", 8_000),
                    windowed("c", 4_000),
                    windowed("d", 9_000),
                    windowed("e", null)));

            walk.fails(CONTEXT_LENGTH).leadsTo("d").fails(CONTEXT_LENGTH).leadsTo("e");
            assertThat(walk.plan.candidates().get(1).skipped()).isEqualTo("context");
            assertThat(walk.plan.candidates().get(2).skipped()).isEqualTo("context");
        }

        @Test
        void leads_anywhere_when_it_is_unknown() {
            Walk.along(chain(TestLimits.defaults(), windowed("a", null), windowed("b", 1_000)))
                    .fails(CONTEXT_LENGTH)
                    .leadsTo("b");
        }

        @Test
        void makes_waiting_for_a_cooling_smaller_one_pointless() {
            Walk walk = Walk.along(chain(TestLimits.defaults(), windowed("a", 8_000), windowed("b", 8_000)))
                    .cooling("a", 3_000);

            walk.fails(CONTEXT_LENGTH).leadsTo("EXHAUSTED 3000");
            assertThat(walk.plan.candidates().get(0).skipped()).isEqualTo("context");
        }

        @Test
        void makes_going_back_to_a_smaller_one_pointless() {
            Walk.along(chain(TestLimits.defaults(), windowed("a", 8_000), windowed("b", 9_000)))
                    .fails(RATE_LIMITED, Duration.ofSeconds(10))
                    .leadsTo("b")
                    .fails(CONTEXT_LENGTH)
                    .leadsTo("EXHAUSTED");
        }
    }

    @Nested
    class The_number_of_calls {

        @Test
        void to_one_target_never_exceeds_max_attempts() {
            Limits once = new TestLimits().maxAttempts(1).build();

            Walk.along(chain(once, "a", "b")).fails(SERVER_ERROR).leadsTo("b");
            Walk.along(chain(once, "a", "b")).fails(RATE_LIMITED).leadsTo("b");
            Walk.along(chain(once, "a", "b")).fails(RESET).leadsTo("b");
            Walk.along(chain(once, "a", "b"))
                    .fails(new FailedAttempt(RESET, 0, false, true))
                    .leadsTo("b");
            Walk.along(chain(once, "a", "b"))
                    .fails(new FailedAttempt(Failure.of(AUTHENTICATION, "key"), 0, true, false))
                    .leadsTo("b");
        }

        @Test
        void counts_all_classes_together() {
            Walk.along("a", "b")
                    .fails(SERVER_ERROR)
                    .fails(OVERLOADED)
                    .leadsTo("a +1000")
                    .fails(INVALID_RESPONSE)
                    .leadsTo("b");
        }

        @Test
        void keeps_one_back_for_each_candidate_not_yet_tried() {
            Limits three = new TestLimits().maxTotalAttempts(3).build();

            Walk.along(chain(three, "a", "b", "c"))
                    .fails(SERVER_ERROR)
                    .leadsTo("b")
                    .fails(SERVER_ERROR)
                    .leadsTo("c")
                    .fails(SERVER_ERROR)
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void may_use_what_is_not_kept_back() {
            Limits three = new TestLimits().maxTotalAttempts(3).build();

            Walk.along(chain(three, "a", "b"))
                    .fails(SERVER_ERROR)
                    .leadsTo("a +500")
                    .fails(SERVER_ERROR)
                    .leadsTo("b")
                    .fails(SERVER_ERROR)
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void in_all_never_exceeds_the_limit_of_a_chain_that_is_longer() {
            Limits two = new TestLimits().maxTotalAttempts(2).build();

            Walk.along(chain(two, "a", "b", "c")).fails(TIMEOUT).fails(TIMEOUT).leadsTo("EXHAUSTED");
        }
    }

    @Nested
    class After_content_was_sent {
        private static final FailedAttempt BROKEN = afterContent(STREAM_BROKEN, AnotherWay.NO);

        private static FailedAttempt afterContent(FailureClass type, AnotherWay anotherWay) {
            return new FailedAttempt(Failure.of(type, "of itself"), 0, false, false, anotherWay, true);
        }

        @Test
        void the_others_go_first_and_who_broke_off_comes_last() {
            Walk.along("a", "b", "c")
                    .fails(BROKEN)
                    .leadsTo("b")
                    .fails(BROKEN)
                    .leadsTo("c")
                    .fails(BROKEN)
                    .leadsTo("a queued")
                    .fails(BROKEN)
                    .leadsTo("b queued")
                    .fails(BROKEN)
                    .leadsTo("c queued")
                    .fails(BROKEN)
                    .leadsTo("EXHAUSTED");
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"CANCELLED", "CIRCUIT_OPEN"},
                mode = Mode.EXCLUDE)
        void no_failure_of_one_ends_it_for_the_others(FailureClass type) {
            Walk.along("a", "b", "c")
                    .fails(BROKEN)
                    .fails(afterContent(type, AnotherWay.NO))
                    .leadsTo("c");
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"INVALID_REQUEST", "UNSUPPORTED", "CONTENT_POLICY", "CONTEXT_LENGTH", "TIMEOUT"})
        void who_has_something_against_it_is_not_asked_again(FailureClass type) {
            Walk.along("a", "b")
                    .fails(afterContent(TIMEOUT, AnotherWay.NO))
                    .leadsTo("b")
                    .fails(afterContent(type, AnotherWay.NO))
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void a_caller_that_left_ends_it() {
            Walk.along("a", "b")
                    .fails(BROKEN)
                    .fails(afterContent(CANCELLED, AnotherWay.NOW))
                    .leadsTo("CANCELLED");
        }

        @Test
        void rate_limit_is_not_waited_for_while_another_is_left() {
            Walk.along("a", "b", "c")
                    .fails(BROKEN)
                    .fails(afterContent(RATE_LIMITED, AnotherWay.NO))
                    .leadsTo("c")
                    .fails(afterContent(TIMEOUT, AnotherWay.NO))
                    .leadsTo("a queued")
                    .fails(BROKEN)
                    .leadsTo("b +500 queued");
        }

        @Test
        void who_spoke_for_long_may_be_asked_again() {
            FailedAttempt late =
                    new FailedAttempt(Failure.of(STREAM_BROKEN, "cut"), 60_000, false, false, AnotherWay.NO, true);

            Walk.along("a").fails(late).leadsTo("a queued");
        }

        @Test
        void smaller_windows_are_passed_over() {
            Walk.along(chain(TestLimits.defaults(), windowed("a", 8_000), windowed("b", 8_000), windowed("c", 9_000)))
                    .fails(afterContent(CONTEXT_LENGTH, AnotherWay.NO))
                    .leadsTo("c");
        }

        @Test
        void who_can_be_asked_in_another_way_is_asked_at_once() {
            Walk.along("a", "b", "c")
                    .fails(BROKEN)
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("b")
                    .fails(BROKEN)
                    .leadsTo("c");
        }

        @Test
        void who_can_be_asked_in_a_worse_way_is_asked_when_the_others_have_been() {
            Walk.along("a", "b", "c")
                    .fails(afterContent(TIMEOUT, AnotherWay.NO))
                    .fails(afterContent(UNSUPPORTED, AnotherWay.LATER))
                    .leadsTo("c")
                    .fails(afterContent(UNSUPPORTED, AnotherWay.LATER))
                    .leadsTo("b queued")
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NO))
                    .leadsTo("c queued")
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NO))
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void the_number_of_calls_holds() {
            Limits once = new TestLimits().maxAttempts(1).build();
            Walk.along(chain(once, "a", "b"))
                    .fails(BROKEN)
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("EXHAUSTED");
            Walk.along(chain(once, "a", "b"))
                    .fails(BROKEN)
                    .fails(afterContent(UNSUPPORTED, AnotherWay.LATER))
                    .leadsTo("EXHAUSTED");

            Limits three = new TestLimits().maxTotalAttempts(3).build();
            Walk.along(chain(three, "a", "b", "c"))
                    .fails(BROKEN)
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("c")
                    .fails(afterContent(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void the_deadline_holds() {
            Walk.along("a", "b")
                    .fails(new FailedAttempt(
                            Failure.of(STREAM_BROKEN, "cut"), Walk.DEADLINE, false, false, AnotherWay.NOW, true))
                    .leadsTo("DEADLINE");
        }
    }

    @Nested
    class Who_can_be_asked_in_another_way {

        private static FailedAttempt refused(FailureClass type, AnotherWay anotherWay) {
            return new FailedAttempt(Failure.of(type, "of itself"), 0, false, false, anotherWay, false);
        }

        @Test
        void is_asked_again_at_once_and_keeps_its_second_try() {
            Walk.along("a", "b")
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("a")
                    .fails(INVALID_RESPONSE)
                    .leadsTo("a")
                    .fails(INVALID_RESPONSE)
                    .leadsTo("b");
        }

        @Test
        void is_asked_max_attempts_times_at_most() {
            Walk.along("a", "b")
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("a")
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("b");
        }

        @Test
        void may_be_asked_a_second_time_where_one_attempt_is_allowed() {
            Walk.along(chain(new TestLimits().maxAttempts(1).build(), "a", "b"))
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("a")
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("b");
        }

        @Test
        void leaves_a_call_for_each_of_the_others() {
            Limits two = new TestLimits().maxTotalAttempts(2).build();

            Walk.along(chain(two, "a", "b"))
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("b")
                    .fails(refused(UNSUPPORTED, AnotherWay.NOW))
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void is_not_asked_for_a_caller_that_left() {
            Walk.along("a").fails(refused(CANCELLED, AnotherWay.NOW)).leadsTo("CANCELLED");
        }
    }

    @Nested
    class A_second_opinion {
        private static final Failure REFUSAL = Failure.of(INVALID_REQUEST, 400, "the first refusal");
        private static final Failure ANOTHER = Failure.of(INVALID_REQUEST, 422, "another refusal");

        private static Limits limits(InvalidRequest policy) {
            return new TestLimits().invalidRequest(policy).build();
        }

        private static Target at(String provider, String name) {
            return TestChains.target(name, TestChains.provider(provider, "secret"), 1.0, null);
        }

        private static void assertReturned(Walk walk, Failure failure) {
            assertThat(walk.decision()).isEqualTo(new Decision.ReturnFailure(failure));
        }

        @Test
        void is_asked_of_one_candidate_and_a_second_refusal_returns_the_first() {
            assertReturned(Walk.along("a", "b", "c").fails(REFUSAL).leadsTo("b").fails(ANOTHER), REFUSAL);
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"INVALID_REQUEST", "UNSUPPORTED", "CONTEXT_LENGTH", "CONTENT_POLICY"})
        void is_given_by_a_refusal_of_any_kind(FailureClass type) {
            assertReturned(Walk.along("a", "b", "c").fails(REFUSAL).fails(type), REFUSAL);
        }

        @Test
        void is_not_asked_about_what_is_surely_the_callers_mistake() {
            Failure certain = Failure.invalidRequest("messages", "empty");

            assertReturned(Walk.along("a", "b").fails(certain), certain);
            assertReturned(Walk.along("a", "b").fails(REFUSAL).fails(certain), REFUSAL);
        }

        @Test
        void is_not_asked_of_the_same_provider() {
            Chain chain = TestChains.chain(TestLimits.defaults(), at("p", "a"), at("p", "b"), at("q", "c"));

            Walk.along(chain).fails(REFUSAL).leadsTo("c");
        }

        @Test
        void is_not_asked_where_there_is_one_provider() {
            assertReturned(Walk.along("a").fails(REFUSAL), REFUSAL);
            assertReturned(
                    Walk.along(TestChains.chain(TestLimits.defaults(), at("p", "a"), at("p", "b")))
                            .fails(REFUSAL),
                    REFUSAL);
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"TIMEOUT", "AUTHENTICATION", "QUOTA_EXHAUSTED", "MODEL_UNAVAILABLE"})
        void is_none_if_the_candidate_fails_for_another_reason(FailureClass type) {
            Walk walk = Walk.along("a", "b", "c").fails(REFUSAL).fails(type).leadsTo("c");

            assertReturned(walk.fails(type), REFUSAL);
        }

        @Test
        void may_take_the_second_try_that_its_failure_allows() {
            Walk walk = Walk.along("a", "b").fails(REFUSAL).fails(OVERLOADED).leadsTo("b +500");

            assertReturned(walk.fails(OVERLOADED), REFUSAL);
        }

        @Test
        void is_not_waited_for() {
            assertReturned(Walk.along("a", "b").cooling("b", 2_000).fails(REFUSAL), REFUSAL);
            assertReturned(Walk.along("a", "b").fails(REFUSAL).fails(RATE_LIMITED, Duration.ofSeconds(20)), REFUSAL);
        }

        @Test
        void is_still_asked_after_others_have_failed() {
            Walk.along("a", "b", "c").fails(TIMEOUT).fails(REFUSAL).leadsTo("c");
        }

        @Test
        void is_not_asked_for_if_refusals_are_returned() {
            assertReturned(
                    Walk.along(chain(limits(InvalidRequest.RETURN), "a", "b")).fails(REFUSAL), REFUSAL);
        }

        @Test
        void is_asked_of_every_candidate_if_so_configured() {
            Walk walk = Walk.along(chain(limits(InvalidRequest.NEXT), "a", "b", "c"))
                    .fails(REFUSAL)
                    .leadsTo("b")
                    .fails(ANOTHER)
                    .leadsTo("c");

            assertReturned(walk.fails(TIMEOUT), REFUSAL);
        }

        @Test
        void costs_no_call_beyond_the_total() {
            Limits one = new TestLimits().maxTotalAttempts(1).build();

            assertReturned(Walk.along(chain(one, "a", "b")).fails(REFUSAL), REFUSAL);
        }
    }

    @Nested
    class The_same_target {

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"OVERLOADED", "SERVER_ERROR", "INVALID_RESPONSE", "NETWORK"})
        void is_not_asked_again_after_an_attempt_longer_than_patience(FailureClass type) {
            Failure failure = type == NETWORK ? RESET : Failure.of(type, "late");

            Walk.along("a", "b")
                    .fails(new FailedAttempt(failure, 5_001, false, false))
                    .leadsTo("b");
            Walk.along("a")
                    .fails(new FailedAttempt(failure, 5_001, false, false))
                    .leadsTo("EXHAUSTED");
        }

        @Test
        void is_not_asked_again_when_the_provider_says_so() {
            Failure noRetry = new Failure(SERVER_ERROR, 500, null, false, null, null, null, "hopeless");

            Walk.along("a", "b").fails(noRetry).leadsTo("b");
            Walk.along("a").fails(noRetry).leadsTo("EXHAUSTED");
        }

        @Test
        void is_excused_one_stale_connection_before_the_reset_counts() {
            FailedAttempt stale = new FailedAttempt(RESET, 0, false, true);

            Walk.along("a", "b")
                    .fails(stale)
                    .leadsTo("a")
                    .fails(stale)
                    .leadsTo("a")
                    .fails(RESET)
                    .leadsTo("b");
        }
    }

    @Nested
    class When_nobody_else_is_left {

        @Test
        void long_rate_limit_of_the_only_target_is_waited_out() {
            Walk.along(chain(PATIENT, "a"))
                    .fails(RATE_LIMITED, Duration.ofSeconds(60))
                    .leadsTo("a +60000 queued");
        }

        @Test
        void rate_limit_beyond_the_deadline_ends_the_request() {
            Walk.along("a").cooling("a", 700_000).at(1).start().leadsTo("EXHAUSTED 700000");
            Walk.along("a").fails(RATE_LIMITED, Duration.ofSeconds(600)).leadsTo("EXHAUSTED");
        }

        @Test
        void earliest_of_the_rate_limited_is_asked_again() {
            Walk.along("a", "b")
                    .fails(RATE_LIMITED, Duration.ofSeconds(10))
                    .leadsTo("b")
                    .fails(RATE_LIMITED, Duration.ofSeconds(60))
                    .leadsTo("a +10000 queued");
        }

        @Test
        void parked_target_is_returned_to_when_the_others_have_failed() {
            Walk.along("a", "b", "c")
                    .fails(RATE_LIMITED, Duration.ofSeconds(30))
                    .fails(TIMEOUT)
                    .leadsTo("c")
                    .fails(new FailedAttempt(Failure.of(TIMEOUT, "slow"), 10_000, false, false))
                    .leadsTo("a +20000 queued");
        }

        @Test
        void parked_target_that_is_back_is_asked_at_once() {
            Walk.along("a", "b")
                    .fails(RATE_LIMITED, Duration.ofSeconds(6))
                    .fails(new FailedAttempt(Failure.of(TIMEOUT, "slow"), 10_000, false, false))
                    .leadsTo("a queued");
        }

        @Test
        void cooling_candidate_is_skipped_and_returned_to() {
            Walk walk = Walk.along("a", "b").cooling("a", 4_000).start().leadsTo("b");

            assertThat(walk.plan.candidates().get(0).skipped()).isEqualTo("COOLING");
            walk.fails(TIMEOUT).leadsTo("a +4000 queued").fails(TIMEOUT).leadsTo("EXHAUSTED");
            assertThat(walk.plan.candidates().get(0).skipped()).isNull();
        }

        @Test
        void open_candidates_are_waited_for_the_earliest_first() {
            Walk walk = Walk.along(chain(PATIENT, "a", "b", "c"))
                    .open("a", 60_000)
                    .open("b", 20_000)
                    .cooling("c", 30_000)
                    .start();

            walk.leadsTo("b +20000 queued");
            assertThat(walk.plan.candidates())
                    .extracting(Candidate::skipped)
                    .containsExactly("CIRCUIT_OPEN", "CIRCUIT_OPEN", "COOLING");
            walk.fails(TIMEOUT).leadsTo("c +10000 queued").fails(TIMEOUT).leadsTo("a +30000 queued");
        }

        @ParameterizedTest
        @EnumSource(
                value = FailureClass.class,
                names = {"AUTHENTICATION", "QUOTA_EXHAUSTED", "MODEL_UNAVAILABLE"})
        void what_does_not_mend_by_itself_is_not_waited_for(FailureClass type) {
            Walk.along("a").hindered("a", "COOLING", type, 300_000).start().leadsTo("EXHAUSTED 300000");
        }

        @Test
        void nobody_back_within_the_deadline_ends_the_request_with_the_earliest_return() {
            Walk.along("a", "b").open("a", 900_000).open("b", 700_000).start().leadsTo("EXHAUSTED 700000");
        }

        @Test
        void deadline_ends_the_request() {
            Walk.along("a", "b")
                    .fails(new FailedAttempt(Failure.of(TIMEOUT, "slow"), Walk.DEADLINE, false, false))
                    .leadsTo("DEADLINE");
        }

        @Test
        void backoff_beyond_the_deadline_is_not_begun() {
            Walk.along("a").at(Walk.DEADLINE - 500).start().fails(SERVER_ERROR).leadsTo("EXHAUSTED");
            Walk.along("a").at(Walk.DEADLINE - 501).start().fails(SERVER_ERROR).leadsTo("a +500");
        }

        @Test
        void candidate_that_cools_is_nobody_to_hurry_to() {
            Walk.along("a", "b")
                    .open("b", 60_000)
                    .fails(RATE_LIMITED, Duration.ofSeconds(30))
                    .leadsTo("a +30000 queued");
        }
    }

    @Nested
    class A_breaker_that_lets_nobody_in {

        @Test
        void leads_to_the_next() {
            Walk walk = Walk.along("a", "b").rejected().leadsTo("b");

            assertThat(walk.plan.calls()).isZero();
            assertThat(walk.plan.candidates().get(0).skipped()).isEqualTo("CIRCUIT_OPEN");
        }

        @Test
        void is_asked_again_soon_while_its_trial_is_under_way() {
            Walk.along("a").rejected().leadsTo("a +100 queued").rejected().leadsTo("a +100 queued");
        }

        @Test
        void is_asked_again_when_it_has_been_open_long_enough() {
            Walk walk = Walk.along(chain(PATIENT, "a")).start();

            walk.open("a", 60_000).rejected().leadsTo("a +60000 queued");
        }

        @Test
        void is_not_polled_beyond_the_deadline() {
            Walk walk = Walk.along("a").at(Walk.DEADLINE - 250).start();

            walk.rejected().rejected().leadsTo("a +100 queued").rejected().leadsTo("EXHAUSTED");
        }

        @Test
        void is_parked_when_it_opens_between_two_calls() {
            Walk walk = Walk.along(chain(PATIENT, "a", "b")).fails(SERVER_ERROR).leadsTo("a +500");

            walk.open("a", 60_000).rejected().leadsTo("b").fails(TIMEOUT).leadsTo("a +59500 queued");
        }

        @Test
        void is_not_waited_for_when_its_keys_rest() {
            Walk walk = Walk.along("a").start();

            walk.hindered("a", "COOLING", AUTHENTICATION, 300_000).rejected().leadsTo("EXHAUSTED 300000");
            assertThat(walk.plan.candidates().get(0).skipped()).isEqualTo("COOLING");
        }
    }

    @Nested
    class Candidates_that_cannot_serve {

        private static Walk walk(boolean fallback, Function<Entry, String> obstacle) {
            Chain chain = chain(TestLimits.defaults(), "a", "b", "c");
            return Walk.along(Plan.of(chain, fallback, 0, Walk.DEADLINE, obstacle));
        }

        @Test
        void are_not_called() {
            Walk walk = walk(true, c -> c.target().name().equals("a") ? "tools" : null);

            walk.start().leadsTo("b").fails(TIMEOUT).leadsTo("c").fails(TIMEOUT).leadsTo("EXHAUSTED");
            assertThat(walk.plan.candidates().get(0).skipped()).isEqualTo("tools");
        }

        @Test
        void end_the_request_when_there_are_no_others() {
            walk(true, c -> "images").start().leadsTo("NO_ELIGIBLE_TARGET");
        }

        @Test
        void are_passed_over_by_a_request_without_fallback_too() {
            Walk walk = walk(false, c -> c.target().name().equals("a") ? "tools" : null);

            walk.start().leadsTo("b").fails(TIMEOUT).leadsTo("EXHAUSTED");
            assertThat(walk.plan.candidates()).extracting(Candidate::skipped).containsExactly("tools", null, null);
        }

        @Test
        void end_the_request_when_it_cannot_be_said_to_any_of_them() {
            Plan plan = TestChains.plan(chain(TestLimits.defaults(), "a", "b"), Walk.DEADLINE);
            FallbackPolicy policy = new FallbackPolicy((target, now) -> null, () -> 1.0);
            FailedAttempt unsaid = FailedAttempt.of(Failure.of(UNSUPPORTED, "no words for it"));

            policy.after(plan, plan.candidates().get(0), unsaid, 0);

            assertThat(policy.after(plan, plan.candidates().get(1), unsaid, 0))
                    .isEqualTo(new Decision.GiveUp(Decision.Cause.NO_ELIGIBLE_TARGET, null));
        }

        @Test
        void are_named_when_the_request_cannot_be_said_to_them() {
            Walk walk = Walk.along("a", "b").start();
            Candidate candidate = walk.plan.candidates().get(0);
            FallbackPolicy policy = new FallbackPolicy((target, now) -> null, () -> 1.0);

            Decision next =
                    policy.after(walk.plan, candidate, FailedAttempt.of(Failure.of(UNSUPPORTED, "no words for it")), 0);

            assertThat(next).isEqualTo(new Decision.Ask(walk.plan.candidates().get(1), 0, Decision.Wait.NONE));
            assertThat(candidate.skipped()).isEqualTo("features");
        }
    }

    @Test
    void backoff_is_jittered_between_half_and_the_whole() {
        for (double random : List.of(0.0, 0.5, 1.0)) {
            Plan plan = TestChains.plan(chain(TestLimits.defaults(), "a"), Walk.DEADLINE);
            Candidate candidate = plan.candidates().get(0);
            plan.call(candidate);

            Decision again = new FallbackPolicy((target, now) -> null, () -> random)
                    .after(plan, candidate, FailedAttempt.of(Failure.of(SERVER_ERROR, "busy")), 0);

            assertThat(again)
                    .isEqualTo(new Decision.Ask(candidate, Math.round(250 + 250 * random), Decision.Wait.SAME_TARGET));
        }
    }

    @Test
    void backoff_never_exceeds_its_maximum() {
        Limits many = new TestLimits()
                .maxAttempts(20)
                .maxTotalAttempts(30)
                .patience(Duration.ofMinutes(2))
                .build();
        Walk walk = Walk.along(chain(many, "a"));
        for (int i = 0; i < 10; i++) {
            walk.fails(RATE_LIMITED);
        }

        walk.leadsTo("a +30000");
    }

    @Test
    void trouble_with_the_model_leads_through_the_whole_chain() {
        Walk.along("a", "b", "c")
                .fails(MODEL_UNAVAILABLE)
                .fails(QUOTA_EXHAUSTED)
                .leadsTo("c")
                .fails(AUTHENTICATION)
                .leadsTo("EXHAUSTED");
    }
}
