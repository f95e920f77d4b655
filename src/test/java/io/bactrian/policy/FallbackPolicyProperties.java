package io.bactrian.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Limits;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Target;
import io.bactrian.policy.Availability.Unavailable;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.GiveUp;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class FallbackPolicyProperties {
    private static final long DEADLINE = 60_000;
    private static final int MOST_STEPS = 5_000;

    @Property(tries = 2_000)
    void every_walk_ends_within_its_limits(
            @ForAll @IntRange(min = 1, max = 6) int candidates,
            @ForAll @IntRange(min = 1, max = 4) int maxAttempts,
            @ForAll @IntRange(min = 1, max = 10) int maxTotalAttempts,
            @ForAll long seed) {
        Random random = new Random(seed);
        Limits limits = new TestLimits()
                .maxAttempts(maxAttempts)
                .maxTotalAttempts(maxTotalAttempts)
                .maxWait(Duration.ofMillis(random.nextInt(3) * random.nextInt(60_000)))
                .contentPolicy(random.nextBoolean() ? ContentPolicy.NEXT : ContentPolicy.RETURN)
                .build();
        Target[] targets = new Target[candidates];
        Map<String, Unavailable> unavailable = new HashMap<>();
        for (int i = 0; i < candidates; i++) {
            targets[i] = TestChains.windowed("t" + i, random.nextBoolean() ? null : random.nextInt(3));
            if (random.nextInt(4) == 0) {
                int until = random.nextInt(80_000);
                int trialAt = random.nextBoolean() ? until : random.nextInt(until + 1);
                unavailable.put("t" + i, new Unavailable("COOLING", anyClass(random), until, trialAt));
            }
        }
        Plan plan = Plan.of(
                TestChains.chain(limits, targets),
                random.nextInt(5) > 0,
                0,
                DEADLINE,
                c -> random.nextInt(6) == 0 ? "tools" : null);
        FallbackPolicy policy = new FallbackPolicy(
                (target, now) -> {
                    Unavailable found = unavailable.get(target.name());
                    return found == null || found.until() <= now ? null : found;
                },
                random::nextDouble);

        long now = 0;
        long waited = 0;
        int steps = 0;
        Decision decision = policy.first(plan, now);
        while (decision instanceof Ask ask) {
            assertThat(++steps).as("steps").isLessThan(MOST_STEPS);
            assertThat(ask.candidate().spent()).as("spent").isFalse();
            assertThat(ask.waitMillis()).isNotNegative();
            assertThat(now + ask.waitMillis()).as("end of the wait").isLessThan(DEADLINE);
            waited += ask.reason() == Decision.Wait.NO_OTHER_TARGET ? ask.waitMillis() : 0;
            assertThat(waited)
                    .as("waits together")
                    .isLessThanOrEqualTo(limits.maxWait().toMillis());
            now += ask.waitMillis();
            FailedAttempt failed = setback(random);
            if (failed.failure().type() != FailureClass.CIRCUIT_OPEN) {
                plan.call(ask.candidate());
                now += failed.tookMillis();
                assertThat(ask.candidate().calls()).isLessThanOrEqualTo(maxAttempts);
                assertThat(plan.calls()).isLessThanOrEqualTo(maxTotalAttempts);
            }
            decision = policy.after(plan, ask.candidate(), failed, now);
        }

        if (decision instanceof GiveUp giveUp
                && giveUp.cause() == Decision.Cause.EXHAUSTED
                && candidates <= maxTotalAttempts) {
            assertThat(plan.candidates()).as("every candidate had a turn").noneMatch(Candidate::untried);
        }
    }

    private static FailedAttempt setback(Random random) {
        FailureClass type = anyClass(random);
        Failure failure = new Failure(
                type,
                random.nextBoolean() ? 0 : 400 + random.nextInt(200),
                random.nextBoolean() ? null : Duration.ofMillis(random.nextInt(90_000)),
                random.nextInt(4) == 0 ? random.nextBoolean() : null,
                random.nextBoolean() ? Failure.RESET : null,
                null,
                null,
                "any");
        return new FailedAttempt(
                failure,
                random.nextInt(8_000),
                random.nextBoolean(),
                type == FailureClass.NETWORK && random.nextBoolean());
    }

    private static FailureClass anyClass(Random random) {
        FailureClass[] all = FailureClass.values();
        return all[random.nextInt(all.length)];
    }
}
