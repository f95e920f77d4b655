package io.bactrian.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.policy.FailureClass;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.VirtualClock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What holds for the health of a target after any sequence of calls, probes and time. */
final class HealthBookProperties {
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(6);

    private final Target target = TestChains.target("t");

    /** Something that happens, and the time that passes before it; negative if the clock jumps back. */
    private record Event(What what, long millisBefore) {}

    private enum What {
        ANSWERED,
        FAILED,
        LIMITED,
        REFUSED_KEY,
        REFUSED_REQUEST,
        CALLER_LEFT,
        PROBE_PASSES,
        PROBE_FAILS,
        PROBE_REFUSED
    }

    @Provide
    Arbitrary<List<Event>> days() {
        Arbitrary<Long> gaps = Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.longs().between(1, 500)),
                Tuple.of(5, Arbitraries.longs().between(500, 40_000)),
                Tuple.of(2, Arbitraries.longs().between(40_000, 7_200_000)),
                Tuple.of(1, Arbitraries.longs().between(-3_600_000, -1)));
        return Combinators.combine(Arbitraries.of(What.values()), gaps)
                .as(Event::new)
                .list()
                .ofMaxSize(120);
    }

    @Property
    void down_needs_two_failures_in_a_row_and_one_success_ends_it(@ForAll("days") List<Event> day) {
        VirtualClock clock = new VirtualClock();
        HealthBook book = book(clock);
        boolean known = false;
        boolean fell = false;
        int failures = 0;
        for (Event event : day) {
            clock.pass(Duration.ofMillis(event.millisBefore()));
            boolean happened = happen(book, event.what());
            if (!happened || event.what() == What.CALLER_LEFT) {
                continue;
            }
            boolean failed = event.what() == What.FAILED || event.what() == What.PROBE_FAILS;
            failures = failed ? failures + 1 : 0;
            HealthReport report = book.of(target);
            if (report.state() == HealthState.DOWN) {
                assertThat(failures).isGreaterThanOrEqualTo(fell ? 1 : known ? 2 : 1);
                assertThat(report.cause()).isNotNull();
            }
            if (failed && !known) {
                assertThat(report.state()).isEqualTo(HealthState.DOWN);
            }
            if (event.what() == What.ANSWERED || event.what() == What.PROBE_PASSES) {
                assertThat(report.state()).isEqualTo(HealthState.UP);
                assertThat(report.lastSuccess()).isEqualTo(clock.millis());
            }
            assertThat(report.state()).isNotEqualTo(HealthState.UNKNOWN);
            known = true;
            fell = report.state() == HealthState.DOWN;
        }
    }

    @Property
    void a_probe_is_always_due_in_time_whatever_the_clock_does(@ForAll("days") List<Event> day) {
        VirtualClock clock = new VirtualClock();
        HealthBook book = book(clock);
        for (Event event : day) {
            clock.pass(Duration.ofMillis(event.millisBefore()));
            happen(book, event.what());
            boolean due = false;
            for (int i = 0; i < 3 && !due; i++) {
                due = book.claimProbe(target);
                if (!due) {
                    // The longest regular time there is: ten periods, with their jitter.
                    clock.pass(LONGEST);
                }
            }
            assertThat(due).isTrue();
            book.probed(new ProbeResult(target, null, 1, 0, 0, 0), false);
        }
    }

    /** A probe happens only if it is due. */
    private boolean happen(HealthBook book, What what) {
        switch (what) {
            case ANSWERED -> book.answered(target, 0);
            case FAILED -> traffic(book, FailureClass.TIMEOUT);
            case LIMITED -> traffic(book, FailureClass.RATE_LIMITED);
            case REFUSED_KEY -> traffic(book, FailureClass.AUTHENTICATION);
            case REFUSED_REQUEST -> traffic(book, FailureClass.INVALID_REQUEST);
            case CALLER_LEFT -> traffic(book, FailureClass.CANCELLED);
            case PROBE_PASSES -> {
                return probe(book, null);
            }
            case PROBE_FAILS -> {
                return probe(book, Failure.of(FailureClass.TIMEOUT, "late"));
            }
            case PROBE_REFUSED -> {
                return probe(book, Failure.of(FailureClass.INVALID_REQUEST, "no"));
            }
        }
        return true;
    }

    private void traffic(HealthBook book, FailureClass type) {
        book.failed(target, Failure.of(type, "failed"), true, false, true, 0);
    }

    private boolean probe(HealthBook book, Failure failure) {
        if (!book.claimProbe(target)) {
            return false;
        }
        book.probed(new ProbeResult(target, failure, 0, 0, 0, 0), false);
        return true;
    }

    private HealthBook book(VirtualClock clock) {
        Random random = new Random(1);
        HealthBook book = new HealthBook(clock, random::nextDouble);
        book.follow(List.of(target), List.of(target), PERIOD, 1, new Breakers(clock));
        return book;
    }
}
