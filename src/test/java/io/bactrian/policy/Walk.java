package io.bactrian.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.policy.Decision.ReturnFailure;
import io.bactrian.policy.Decision.UseLastResort;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One request along a chain, step by step; its time starts at 0 and the jitter is at its maximum. */
final class Walk {
    static final long DEADLINE = 600_000;

    final Plan plan;
    private final Map<String, Unavailable> unavailable = new HashMap<>();
    private final FallbackPolicy policy = new FallbackPolicy(
            (target, now) -> {
                Unavailable hindered = unavailable.get(target.name());
                return hindered == null || hindered.until() <= now ? null : hindered;
            },
            () -> 1.0);
    private Decision decision;
    private long now;

    private Walk(Plan plan) {
        this.plan = plan;
    }

    static Walk along(Chain chain) {
        return along(TestChains.plan(chain, DEADLINE));
    }

    static Walk along(String... names) {
        return along(TestChains.chain(TestLimits.defaults(), names));
    }

    static Walk along(Plan plan) {
        return new Walk(plan);
    }

    Walk cooling(String target, long until) {
        return hindered(target, "COOLING", FailureClass.RATE_LIMITED, until);
    }

    Walk open(String target, long until) {
        return hindered(target, "CIRCUIT_OPEN", FailureClass.CIRCUIT_OPEN, until);
    }

    Walk hindered(String target, String label, FailureClass type, long until) {
        unavailable.put(target, new Unavailable(label, type, until));
        return this;
    }

    /** Makes a target rest for a failure that lasts, with a trial call from a time on. */
    Walk resting(String target, FailureClass type, long trialAt, long until) {
        unavailable.put(target, new Unavailable("COOLING", type, until, trialAt));
        return this;
    }

    /** Ends a cooldown, or closes a breaker. */
    Walk well(String target) {
        unavailable.remove(target);
        return this;
    }

    /** Sees at this time whether the candidate that was waited for is back. */
    Walk resumes(long millis) {
        now = millis;
        decision = policy.resume(plan, ((Ask) decision).candidate(), now);
        return this;
    }

    /** The target that may be called at this time, earlier than the one that is waited for; null if there is none. */
    @Nullable
    String returned(long millis) {
        Candidate candidate = policy.returned(plan, millis);
        return candidate == null ? null : candidate.target().name();
    }

    Walk start() {
        decision = policy.first(plan, now);
        return this;
    }

    /** Waits as decided, makes the call, and lets it fail. */
    Walk fails(FailureClass type) {
        return fails(Failure.of(type, "of itself"));
    }

    Walk fails(FailureClass type, Duration retryAfter) {
        return fails(new Failure(type, 429, retryAfter, null, null, null, null, "of itself"));
    }

    Walk fails(Failure failure) {
        return fails(FailedAttempt.of(failure));
    }

    Walk fails(FailedAttempt failed) {
        if (decision == null) {
            start();
        }
        Ask ask = (Ask) decision;
        now += ask.waitMillis();
        plan.call(ask.candidate());
        now += failed.tookMillis();
        decision = policy.after(plan, ask.candidate(), failed, now);
        return this;
    }

    /** Waits as decided, but the breaker permits no call. */
    Walk rejected() {
        if (decision == null) {
            start();
        }
        Ask ask = (Ask) decision;
        now += ask.waitMillis();
        decision = policy.after(
                plan, ask.candidate(), FailedAttempt.of(Failure.of(FailureClass.CIRCUIT_OPEN, "open")), now);
        return this;
    }

    Walk at(long millis) {
        now = millis;
        return this;
    }

    Decision decision() {
        return decision;
    }

    /**
     * Checks the last decision.
     *
     * @param where such as {@code a}, {@code a +500}, {@code a +500 queued}, {@code return TIMEOUT}, {@code EXHAUSTED 60000}
     */
    Walk leadsTo(String where) {
        assertThat(words()).isEqualTo(where);
        return this;
    }

    private String words() {
        return switch (decision) {
            case Ask ask ->
                ask.candidate().target().name()
                        + (ask.waitMillis() == 0 ? "" : " +" + ask.waitMillis())
                        + (switch (ask.reason()) {
                            case NONE, SAME_TARGET -> "";
                            case BETTER_TARGET -> " better";
                            case NO_OTHER_TARGET -> " queued";
                        });
            case AskGroup group ->
                group.kind() + " "
                        + group.candidates().stream()
                                .map(candidate -> candidate.target().name())
                                .collect(Collectors.joining(", "));
            case UseLastResort lastResort -> "resort " + lastResort.lastResort().step();
            case ReturnFailure returned -> "return " + returned.failure().type();
            case GiveUp giveUp ->
                giveUp.cause() + (giveUp.earliestReturn() == null ? "" : " " + giveUp.earliestReturn());
        };
    }
}
