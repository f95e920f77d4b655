package io.bactrian.policy;

import static io.bactrian.policy.FailureClass.CONTEXT_LENGTH;
import static io.bactrian.policy.FailureClass.INVALID_REQUEST;
import static io.bactrian.policy.FailureClass.RATE_LIMITED;
import static io.bactrian.policy.FailureClass.TIMEOUT;
import static io.bactrian.policy.FailureClass.UNSUPPORTED;
import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Chain.Entry;
import io.bactrian.config.Chain.Kind;
import io.bactrian.config.Target;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Candidates that are asked together. */
class GroupPolicyTest {
    private final FallbackPolicy policy = new FallbackPolicy((target, now) -> null, () -> 1.0);

    private static Entry candidate(Target target) {
        return new Entry(target, TestLimits.defaults());
    }

    private static Chain.Step group(Kind kind, Target... targets) {
        return new Chain.Group(
                kind,
                Arrays.stream(targets)
                        .map(target -> new Chain.Member(candidate(target), 1))
                        .toList());
    }

    private static Chain.Step group(Kind kind, String... names) {
        return group(kind, Arrays.stream(names).map(TestChains::target).toArray(Target[]::new));
    }

    private static Chain.Step one(String name) {
        return candidate(TestChains.target(name));
    }

    private static Chain chain(Chain.Step... steps) {
        return Chain.of("c", List.of(steps), TestLimits.defaults());
    }

    @Test
    void the_members_of_a_group_are_asked_together() {
        Walk.along(chain(group(Kind.RACE, "a", "b"), one("c"))).start().leadsTo("RACE a, b");
        Walk.along(chain(group(Kind.HEDGE, "a", "b"), one("c"))).start().leadsTo("HEDGE a, b");
    }

    @Test
    void a_group_comes_when_it_is_its_turn() {
        Walk.along(chain(one("x"), group(Kind.RACE, "a", "b")))
                .start()
                .leadsTo("x")
                .fails(TIMEOUT)
                .leadsTo("RACE a, b");
    }

    @Test
    void who_is_away_does_not_take_part() {
        Walk.along(chain(group(Kind.RACE, "a", "b", "c")))
                .open("b", 60_000)
                .start()
                .leadsTo("RACE a, c");
        Walk.along(chain(group(Kind.RACE, "a", "b")))
                .cooling("a", 60_000)
                .start()
                .leadsTo("b");
    }

    @Test
    void without_fallback_the_first_runs_alone() {
        Plan plan = Plan.of(chain(group(Kind.RACE, "a", "b")), false, 0, 1_000, entry -> null);
        assertThat(policy.first(plan, 0)).isEqualTo(new Ask(plan.candidates().getFirst(), 0, Decision.Wait.NONE));
    }

    @Test
    void half_an_answer_is_finished_by_one_at_a_time() {
        Plan plan = TestChains.plan(chain(one("x"), group(Kind.RACE, "a", "b")), 60_000);
        Candidate x = plan.candidates().getFirst();
        plan.call(x);
        plan.finishOnly(candidate -> true);

        FailedAttempt broken = new FailedAttempt(
                Failure.of(FailureClass.STREAM_BROKEN, "cut"), 1_000, false, false, FailedAttempt.AnotherWay.NO, true);
        assertThat(policy.after(plan, x, broken, 1_000))
                .isEqualTo(new Ask(plan.candidates().get(1), 0, Decision.Wait.NONE));
    }

    @Test
    void a_racer_keeps_to_its_own_candidate_and_waits_for_nobody() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b"), one("c")), 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        Candidate a = group.candidates().getFirst();
        Plan alone = plan.alone(a);

        alone.call(a);
        Decision again = policy.after(alone, a, FailedAttempt.of(Failure.of(RATE_LIMITED, "slow down")), 0);
        assertThat(again).isEqualTo(new Ask(a, 500, Decision.Wait.SAME_TARGET));

        alone.call(a);
        Failure forAMinute =
                new Failure(RATE_LIMITED, 429, java.time.Duration.ofMinutes(1), null, null, null, null, "slow down");
        assertThat(policy.after(alone, a, FailedAttempt.of(forAMinute), 0)).isInstanceOf(GiveUp.class);
        alone.disclaimCall();
        assertThat(plan.calls()).isEqualTo(2);
    }

    @Test
    void the_last_call_is_claimed_by_one_racer_only() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b")), 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        Plan first = plan.alone(group.candidates().getFirst());
        Plan second = plan.alone(group.candidates().getLast());
        for (int i = 1; i < plan.limits().maxTotalAttempts(); i++) {
            plan.call(group.candidates().getFirst());
        }

        assertThat(first.claimCall()).isTrue();
        assertThat(first.claimCall()).isTrue();
        assertThat(second.claimCall()).isFalse();
        first.disclaimCall();
        assertThat(second.claimCall()).isTrue();
        second.call(group.candidates().getLast());
        assertThat(plan.calls()).isEqualTo(plan.limits().maxTotalAttempts());
    }

    @Test
    void for_a_racer_only_those_beyond_its_group_are_left() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b"), one("c")), 600_000);
        assertThat(plan.alone(plan.candidates().getFirst())
                        .othersLeft(plan.candidates().getFirst(), candidate -> true))
                .isEqualTo(1);
        Plan last = TestChains.plan(chain(group(Kind.RACE, "a", "b")), 600_000);
        assertThat(last.alone(last.candidates().getFirst())
                        .othersLeft(last.candidates().getFirst(), candidate -> true))
                .isZero();
    }

    @Test
    void when_all_have_failed_the_next_step_is_asked() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b"), one("c")), 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        for (Candidate candidate : group.candidates()) {
            Plan alone = plan.alone(candidate);
            alone.call(candidate);
            policy.after(alone, candidate, FailedAttempt.of(Failure.of(TIMEOUT, "silent")), 10);
        }
        assertThat(policy.afterAll(plan, group, 10))
                .isEqualTo(new Ask(plan.candidates().get(2), 0, Decision.Wait.NONE));
    }

    @Test
    void a_window_too_small_in_the_race_is_too_small_behind_it() {
        Plan plan = TestChains.plan(
                chain(
                        group(Kind.RACE, TestChains.windowed("a", 1_000), TestChains.windowed("b", 1_000)),
                        candidate(TestChains.windowed("small", 500)),
                        candidate(TestChains.windowed("large", 5_000))),
                600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        for (Candidate candidate : group.candidates()) {
            Plan alone = plan.alone(candidate);
            alone.call(candidate);
            policy.after(alone, candidate, FailedAttempt.of(Failure.of(CONTEXT_LENGTH, "too long")), 10);
        }
        assertThat(((Ask) policy.afterAll(plan, group, 10)).candidate().target().name())
                .isEqualTo("large");
    }

    @Test
    void one_alone_is_asked_for_a_second_opinion() {
        Walk.along(chain(one("x"), group(Kind.RACE, "a", "b")))
                .fails(INVALID_REQUEST)
                .leadsTo("a");
    }

    @Test
    void refusals_of_two_providers_in_the_race_are_enough() {
        assertThat(raced(chain(group(Kind.RACE, "a", "b"), one("c")), INVALID_REQUEST, INVALID_REQUEST))
                .isEqualTo(new Decision.ReturnFailure(Failure.of(INVALID_REQUEST, "by a")));
    }

    @Test
    void refusal_of_one_in_the_race_gets_a_second_opinion_behind_it() {
        Decision decision = raced(chain(group(Kind.RACE, "a", "b"), one("c")), INVALID_REQUEST, TIMEOUT);

        assertThat(((Ask) decision).candidate().target().name()).isEqualTo("c");
        assertThat(raced(chain(group(Kind.RACE, "a", "b")), TIMEOUT, INVALID_REQUEST))
                .isEqualTo(new Decision.ReturnFailure(Failure.of(INVALID_REQUEST, "by b")));
    }

    /** The decision after all candidates of the group at the beginning have failed, each in its way. */
    private Decision raced(Chain chain, FailureClass... failures) {
        Plan plan = TestChains.plan(chain, 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        for (int i = 0; i < failures.length; i++) {
            Candidate candidate = group.candidates().get(i);
            Plan alone = plan.alone(candidate);
            alone.call(candidate);
            Failure failure = Failure.of(failures[i], "by " + candidate.target().name());
            assertThat(policy.after(alone, candidate, FailedAttempt.of(failure), 10))
                    .isInstanceOf(GiveUp.class);
        }
        return policy.afterAll(plan, group, 10);
    }

    @Test
    void nobody_in_the_race_has_words_for_the_request() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b")), 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        for (Candidate candidate : group.candidates()) {
            policy.after(plan.alone(candidate), candidate, FailedAttempt.of(Failure.of(UNSUPPORTED, "no words")), 10);
        }
        assertThat(policy.afterAll(plan, group, 10)).isEqualTo(new GiveUp(Decision.Cause.NO_ELIGIBLE_TARGET, null));
    }

    @Test
    void who_was_limited_in_the_race_is_waited_for_when_nobody_else_is_left() {
        Plan plan = TestChains.plan(chain(group(Kind.RACE, "a", "b")), 600_000);
        AskGroup group = (AskGroup) policy.first(plan, 0);
        Failure forTenSeconds =
                new Failure(RATE_LIMITED, 429, java.time.Duration.ofSeconds(10), null, null, null, null, "slow down");
        for (Candidate candidate : group.candidates()) {
            Plan alone = plan.alone(candidate);
            alone.call(candidate);
            policy.after(alone, candidate, FailedAttempt.of(forTenSeconds), 0);
        }
        assertThat(policy.afterAll(plan, group, 1_000))
                .isEqualTo(new Ask(plan.candidates().getFirst(), 9_000, Decision.Wait.NO_OTHER_TARGET));
    }
}
