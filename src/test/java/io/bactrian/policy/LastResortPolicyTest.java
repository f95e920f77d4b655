package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.AUTHENTICATION;
import static io.bactrian.policy.FailureClass.CANCELLED;
import static io.bactrian.policy.FailureClass.CONTENT_POLICY;
import static io.bactrian.policy.FailureClass.CONTEXT_LENGTH;
import static io.bactrian.policy.FailureClass.INVALID_REQUEST;
import static io.bactrian.policy.FailureClass.NETWORK;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.STREAM_BROKEN;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.policy.Decision.Cause;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.policy.FailedAttempt.AnotherWay;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Last resorts in place of the answer of a target. */
class LastResortPolicyTest {
    private static final LastResortAnswer STALE =
            new LastResortAnswer("stale", "stale", 1.0, null, JsonNodeFactory.instance.objectNode());

    private final AtomicInteger searches = new AtomicInteger();
    private @Nullable LastResortAnswer found = STALE;

    private Walk along(String... names) {
        return with(Walk.along(names));
    }

    private Walk with(Walk walk) {
        walk.plan.lastResort(() -> {
            searches.incrementAndGet();
            return found;
        });
        return walk;
    }

    @Test
    void it_stands_in_when_the_last_target_has_failed_and_is_not_looked_for_before() {
        Walk walk = along("a", "b").fails(TIMEOUT).leadsTo("b");
        assertThat(searches).hasValue(0);

        walk.fails(NETWORK).leadsTo("resort stale");
        assertThat(searches).hasValue(1);
    }

    @Test
    void with_nothing_to_give_the_request_fails_as_ever_and_nothing_is_looked_for_twice() {
        found = null;
        Walk walk = along("a").cooling("a", 20_000).start().leadsTo("a +20000 queued");

        walk.fails(AUTHENTICATION).leadsTo("EXHAUSTED");
        assertThat(searches).hasValue(1);
    }

    @Test
    void it_stands_in_when_the_deadline_has_passed() {
        along("a", "b").start().at(Walk.DEADLINE).fails(TIMEOUT).leadsTo("resort stale");
    }

    @Test
    void it_comes_before_a_long_wait_but_not_before_a_short_one() {
        along("a").cooling("a", 5_001).start().leadsTo("resort stale");
        along("a").cooling("a", 5_000).start().leadsTo("a +5000 queued");
        along("a").fails(RATE_LIMITED, Duration.ofSeconds(6)).leadsTo("resort stale");
        along("a").fails(RATE_LIMITED, Duration.ofSeconds(4)).leadsTo("a +4000");
    }

    @Test
    void who_waits_in_vain_gets_it_in_the_end() {
        Walk walk = along("a").cooling("a", 1_000).start().leadsTo("a +1000 queued");

        walk.cooling("a", 61_000).rejected().leadsTo("resort stale");
    }

    @Test
    void it_comes_before_a_queue_that_is_full() {
        Walk walk = along("a");
        FallbackPolicy policy = new FallbackPolicy((target, now) -> null, () -> 1.0);

        assertThat(policy.end(walk.plan, new GiveUp(Cause.EXHAUSTED, 1_000L))).isEqualTo(new UseLastResort(STALE));
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"CONTENT_POLICY", "CANCELLED"})
    void it_does_not_cover_refusals_nor_one_who_has_left(FailureClass type) {
        along("a", "b").fails(type).leadsTo(type == CANCELLED ? "CANCELLED" : "return " + type);
        assertThat(searches).hasValue(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureClass.class,
            names = {"INVALID_REQUEST", "TIMEOUT"})
    void it_does_not_cover_a_refusal_that_nobody_contradicts(FailureClass second) {
        along("a", "b").fails(INVALID_REQUEST).fails(second).leadsTo("return INVALID_REQUEST");
        assertThat(searches).hasValue(0);
    }

    @Test
    void it_does_not_cover_what_every_target_has_against_the_request() {
        along("a", "b").fails(CONTEXT_LENGTH).fails(CONTEXT_LENGTH).leadsTo("EXHAUSTED");
        with(Walk.along(TestChains.plan(
                        TestChains.chain(
                                new TestLimits()
                                        .contentPolicy(ContentPolicy.NEXT)
                                        .build(),
                                "a",
                                "b"),
                        Walk.DEADLINE)))
                .fails(CONTENT_POLICY)
                .fails(CONTENT_POLICY)
                .leadsTo("EXHAUSTED");
        assertThat(searches).hasValue(0);

        along("a", "b").fails(CONTEXT_LENGTH).fails(TIMEOUT).leadsTo("resort stale");
    }

    @Test
    void it_does_not_cover_that_nobody_is_eligible() {
        Plan plan = Plan.of(TestChains.chain(TestLimits.defaults(), "a", "b"), true, 0, Walk.DEADLINE, c -> "quality");

        with(Walk.along(plan)).start().leadsTo("NO_ELIGIBLE_TARGET");
        assertThat(searches).hasValue(0);
    }

    @Test
    void who_wants_no_fallback_gets_none_of_this_kind_either() {
        Plan plan = Plan.of(TestChains.chain(TestLimits.defaults(), "a", "b"), false, 0, Walk.DEADLINE, c -> null);

        with(Walk.along(plan)).fails(TIMEOUT).leadsTo("EXHAUSTED");
        assertThat(searches).hasValue(0);
    }

    @Test
    void half_an_answer_is_not_followed_by_another() {
        Walk walk = along("a", "b").start();
        walk.plan.finishOnly(candidate -> true);

        FailedAttempt broken =
                new FailedAttempt(Failure.of(STREAM_BROKEN, "cut"), 0, false, false, AnotherWay.NO, true);
        FailedAttempt refused =
                new FailedAttempt(Failure.of(AUTHENTICATION, "no"), 0, false, false, AnotherWay.NO, true);
        walk.fails(broken)
                .leadsTo("b")
                .fails(new FailedAttempt(Failure.of(INVALID_REQUEST, "no"), 0, false, false, AnotherWay.NO, true))
                .leadsTo("a queued")
                .fails(refused)
                .leadsTo("EXHAUSTED");
        assertThat(searches).hasValue(0);
    }
}
