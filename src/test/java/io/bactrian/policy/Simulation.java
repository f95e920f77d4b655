package io.bactrian.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Chain;
import io.bactrian.config.Limits;
import io.bactrian.config.Target;
import io.bactrian.health.Breakers;
import io.bactrian.health.Cooldowns;
import io.bactrian.health.KeyPool;
import io.bactrian.health.TargetHealth;
import io.bactrian.policy.Decision.Ask;
import io.bactrian.policy.Decision.AskGroup;
import io.bactrian.policy.Decision.Wait;
import io.bactrian.policy.SimulatedDay.Outcome;
import io.bactrian.selection.HedgeShare;
import io.bactrian.testing.VirtualClock;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests through policy, breakers, cooldowns and keys as the gateway does, on a clock that jumps from one thing that
 * happens to the next. Invariants are checked where they could be violated.
 */
final class Simulation {
    static final Duration HEDGE_DELAY = Duration.ofSeconds(1);

    private final VirtualClock clock = new VirtualClock();
    private final long midnight = clock.millis();
    private final Cooldowns cooldowns = new Cooldowns();
    private final KeyPool keyPool = new KeyPool(cooldowns);
    private final Breakers breakers = new Breakers(clock);
    private final Random random = new Random(3);
    private final TargetHealth health = new TargetHealth(breakers, cooldowns, keyPool);
    private final FallbackPolicy policy = new FallbackPolicy(health, random::nextDouble);
    private final HedgeShare shares = new HedgeShare();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<String, Integer> trials = new HashMap<>();
    private final SimulatedDay day;
    private final Chain chain;
    final List<Boolean> hedged = new ArrayList<>();
    final List<Request> unanswered = new ArrayList<>();
    final Map<Double, Integer> answersByQuality = new TreeMap<>();
    int longestWaiting;
    private int waiting;
    private long order;

    private record Event(long at, long order, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(order, other.order) : Long.compare(at, other.at);
        }
    }

    Simulation(SimulatedDay day, Chain chain) {
        this.day = day;
        this.chain = chain;
    }

    /** Sends requests at even distances over the day, and runs until all of them have ended. */
    void run(int requests) {
        for (int i = 0; i < requests; i++) {
            at(midnight + SimulatedDay.DAY / requests * i, () -> new Request().setOut());
        }
        for (Event next = events.poll(); next != null; next = events.poll()) {
            clock.pass(Duration.ofMillis(next.at() - clock.millis()));
            next.what().run();
        }
    }

    private void at(long millis, Runnable what) {
        events.add(new Event(millis, order++, what));
    }

    private void in(long millis, Runnable what) {
        at(clock.millis() + millis, what);
    }

    /** One request in progress. */
    final class Request {
        final long startedAt = clock.millis();
        final Plan plan = Plan.of(
                chain, true, startedAt, startedAt + chain.limits().deadline().toMillis(), entry -> null);
        private final int number = hedged.size();
        private final List<Leg> legs = new ArrayList<>();
        private boolean over;
        /** The events so far, for the analysis of a failed run. */
        final List<String> story = new ArrayList<>();

        private void note(String what) {
            story.add((clock.millis() - startedAt) + " " + what);
        }

        @Override
        public String toString() {
            return "asked at " + Duration.ofMillis(startedAt - midnight) + ": " + story;
        }

        void setOut() {
            hedged.add(false);
            follow(policy.first(plan, clock.millis()));
        }

        private void follow(Decision decision) {
            switch (decision) {
                case Ask ask -> await(ask, () -> new Leg(plan, ask.candidate(), this::follow).ask());
                case AskGroup group -> race(group);
                default -> end(null);
            }
        }

        private void await(Ask ask, Runnable then) {
            checkWait(ask);
            note("wait " + ask.waitMillis() + " " + ask.reason() + " for "
                    + ask.candidate().target().name());
            if (ask.waitMillis() == 0) {
                then.run();
                return;
            }
            boolean queued = ask.reason() != Wait.SAME_TARGET;
            waiting += queued ? 1 : 0;
            longestWaiting = Math.max(longestWaiting, waiting);
            in(ask.waitMillis(), () -> {
                waiting -= queued ? 1 : 0;
                if (queued) {
                    follow(policy.resume(plan, ask.candidate(), clock.millis()));
                } else {
                    then.run();
                }
            });
        }

        private void checkWait(Ask ask) {
            long until = clock.millis() + ask.waitMillis();
            assertThat(until).as("a wait within the deadline").isLessThanOrEqualTo(plan.deadlineAt());
            if (ask.reason() == Wait.SAME_TARGET) {
                assertThat(ask.waitMillis())
                        .as("a wait within patience")
                        .isLessThanOrEqualTo(ask.candidate().limits().patience().toMillis());
            }
            if (ask.reason() == Wait.BETTER_TARGET) {
                assertThat(until).as("a wait for quality").isLessThanOrEqualTo(plan.betterUntil());
            }
        }

        private void race(AskGroup group) {
            HedgeShare.Ticket ticket =
                    shares.request(chain.name(), chain.limits().hedgeShare());
            Candidate second = group.candidates().get(1);
            Leg first = racer(group, group.candidates().getFirst());
            first.ask();
            in(HEDGE_DELAY.toMillis(), () -> {
                if (!over && !first.spoke && !first.ended && legs.size() == 1 && ticket.hedge()) {
                    hedged.set(number, true);
                    racer(group, second).ask();
                }
            });
        }

        private Leg racer(AskGroup group, Candidate asked) {
            Leg[] leg = new Leg[1];
            leg[0] = new Leg(plan.alone(asked), asked, decision -> {
                if (decision instanceof Ask ask) {
                    await(ask, leg[0]::ask);
                    return;
                }
                leg[0].ended = true;
                boolean secondLeft = legs.size() < group.candidates().size();
                if (over || legs.stream().anyMatch(other -> !other.ended)) {
                    return;
                }
                if (secondLeft) {
                    racer(group, group.candidates().get(legs.size())).ask();
                } else {
                    legs.clear();
                    follow(policy.afterAll(plan, group, clock.millis()));
                }
            });
            legs.add(leg[0]);
            return leg[0];
        }

        /** @param by null if no target answered */
        private void end(@Nullable Target by) {
            if (over) {
                return;
            }
            over = true;
            if (by == null) {
                unanswered.add(this);
            } else {
                answersByQuality.merge(by.quality(), 1, Integer::sum);
            }
        }

        /** True if some target would have answered at any time from its start to its deadline. */
        boolean couldHaveBeenAnswered() {
            return chain.candidates().stream()
                    .anyMatch(entry ->
                            day.isUp(entry.target().name(), startedAt - midnight, plan.deadlineAt() - midnight));
        }

        /** The calls of one candidate, alone or beside another's. */
        private final class Leg {
            private final Plan own;
            private final Candidate asked;
            private final java.util.function.Consumer<Decision> next;
            boolean spoke;
            boolean ended;

            Leg(Plan own, Candidate asked, java.util.function.Consumer<Decision> next) {
                this.own = own;
                this.asked = asked;
                this.next = next;
            }

            void ask() {
                if (over) {
                    return;
                }
                CircuitBreaker breaker = breakers.of(asked.target(), asked.limits());
                long now = clock.millis();
                if (!breaker.tryAcquirePermission()) {
                    note("open " + asked.target().name());
                    Failure open = Failure.of(FailureClass.CIRCUIT_OPEN, "open");
                    next.accept(policy.after(own, asked, FailedAttempt.of(open), now));
                    return;
                }
                boolean trial = breaker.getState() != CircuitBreaker.State.CLOSED;
                assertThat(breaker.getState())
                        .as("an open target is not called")
                        .isNotEqualTo(CircuitBreaker.State.OPEN);
                String name = asked.target().name();
                if (trial) {
                    assertThat(trials.merge(name, 1, Integer::sum))
                            .as("one trial at a time")
                            .isEqualTo(1);
                }
                own.call(asked);
                Outcome outcome = day.call(asked.target(), now - midnight);
                long left = plan.deadlineAt() - now;
                if (outcome.firstToken() > limit(trial)) {
                    in(Math.min(left, limit(trial)), () -> silent(breaker, trial));
                } else if (outcome.failure() == null) {
                    in(outcome.firstToken(), () -> {
                        release(trial, name);
                        speaks(breaker);
                    });
                    in(outcome.whole(), () -> {
                        breakers.succeeded(asked.target());
                        breaker.onSuccess(outcome.whole(), TimeUnit.MILLISECONDS);
                    });
                } else {
                    in(outcome.whole(), () -> {
                        release(trial, name);
                        fails(breaker, outcome.failure(), outcome.whole());
                    });
                }
            }

            /** The time for which a call may be silent before it is checked, in milliseconds. */
            private long limit(boolean trial) {
                Limits limits = asked.limits();
                boolean last = own.othersLeft(asked, other -> health.of(other.target(), clock.millis()) == null) == 0;
                return (trial && last ? limits.firstTokenTimeoutThinking() : limits.firstTokenTimeout()).toMillis();
            }

            /** The last candidate has the deadline, unless another one is back. */
            private void silent(CircuitBreaker breaker, boolean trial) {
                long now = clock.millis();
                boolean last = own.othersLeft(asked, other -> health.of(other.target(), now) == null) == 0
                        && !own.anotherIsBack(asked, now, other -> health.isWell(other.target(), now));
                if (!trial && last && now < plan.deadlineAt() && !over) {
                    at(Math.min(plan.deadlineAt(), now + 1_000), () -> silent(breaker, false));
                    return;
                }
                release(trial, asked.target().name());
                fails(breaker, Failure.of(FailureClass.TIMEOUT, "silent"), now - startedAt);
            }

            private void release(boolean trial, String name) {
                if (trial) {
                    trials.merge(name, -1, Integer::sum);
                }
            }

            private void speaks(CircuitBreaker breaker) {
                spoke = true;
                if (breaker.getState() == CircuitBreaker.State.HALF_OPEN) {
                    breakers.firstContent(asked.target());
                }
                cooldowns.clear(asked.target(), 0, clock.millis());
                end(asked.target());
            }

            private void fails(CircuitBreaker breaker, Failure failure, long took) {
                breaker.onError(took, TimeUnit.MILLISECONDS, new CallFailed(failure));
                cooldowns.note(asked.target(), 0, failure, FallbackPolicy.fullBackoff(asked), clock.millis());
                note(asked.target().name() + " " + failure.type() + " " + breaker.getState());
                if (!over) {
                    FailedAttempt failed = new FailedAttempt(failure, took, false, false);
                    next.accept(policy.after(own, asked, failed, clock.millis()));
                }
            }
        }
    }
}
